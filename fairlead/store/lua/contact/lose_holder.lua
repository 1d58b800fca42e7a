-- lose_holder: a holder is dead: none of its agents is given anything from now on, and their sessions end (end_lost).
local function lose_holder(engine, holder)
  if string.find(engine.lost, ' ' .. holder .. ' ', 1, true) then return end
  engine.lost = engine.lost .. holder .. ' '
  redis.call('HSET', engine.instance_key, 'lost', engine.lost)
end
