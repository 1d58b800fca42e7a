-- keep_anew: the configuration changes: it gets a mark that no other has had, by Redis' time and the engine's stamp,
-- and what this script reads from now on is kept for this run alone. The mark is longer than 64 bytes, so that Redis
-- keeps the instance's record as a hash table: in the compact form each field that is not there costs a look at all.
-- USES kept_of text_of
local function keep_anew(engine)
  if engine.is_marked then return end
  local time = redis.call('TIME')
  local mark = string.format('%-72s.', time[1] .. '.' .. time[2] .. ' ' .. text_of(engine.stamp))
  redis.call('HSET', engine.instance_key, 'mark', mark)
  local kept = kept_of(engine.instance_key, nil, nil)
  kept.ended_retention_s, kept.events_kept = engine.kept.ended_retention_s, engine.kept.events_kept
  engine.kept, engine.is_marked = kept, true
end
