-- save_special: note what few instances have, as open_engine reads it: the queues with tracks, the closed ones, those
-- that choose agents otherwise (queue=choice) or offer to several (queue*many), and the holders that are dead; a line
-- of each, names between spaces. With none of them there is no such field.
local function save_special(engine)
  local special = table.concat({ engine.tracked, engine.closed, engine.choices, engine.lost }, '\n')
  if special == ' \n \n \n ' then
    redis.call('HDEL', engine.instance_key, 'special')
  else
    redis.call('HSET', engine.instance_key, 'special', special)
  end
end
