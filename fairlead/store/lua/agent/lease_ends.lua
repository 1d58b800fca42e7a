-- lease_ends: when an agent's session is lost unless it is renewed, on the engine's clock.
-- USES key_of presence_of due_of
local function lease_ends(engine, name)
  local row = redis.call('HMGET', key_of(engine, 'agent', name), 'lease_us', 'absent')
  local due_us = tonumber(redis.call('ZSCORE', key_of(engine, 'due'), due_of('session', name)) or 0)
  return row[2] and due_us or due_us + tonumber(row[1]) - presence_of(row[1])
end
