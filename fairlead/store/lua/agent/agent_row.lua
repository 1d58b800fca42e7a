-- agent_row: what an agent's record has for each of the fields that most scripts need, in their order; it is read once
-- in a run, until read_agent has taken it.
-- USES key_of
local function agent_row(engine, name)
  local row = engine.rows[name]
  if row then return row end
  row = redis.call('HMGET', key_of(engine, 'agent', name), 'epoch', 'profile', 'routable', 'auto_accept', 'capacity',
    'available_us', 'offerable', 'op', 'pools', 'next_status', 'misses', 'absent', 'activity', 'own', 'slots', 'acw',
    'accepts', 'windows', 'present_us')
  engine.rows[name] = row
  return row
end
