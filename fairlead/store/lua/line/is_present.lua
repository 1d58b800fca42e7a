-- is_present: whether an agent is there by the clock, whether anybody has noted that it is not.
-- USES is_word key_of
local function is_present(engine, name)
  local row = redis.call('HMGET', key_of(engine, 'agent', name), 'present_us', 'holder')
  if engine.lost ~= ' ' and is_word(engine.lost, row[2] or '') then return false end
  return (tonumber(row[1]) or 0) > engine.now_us
end
