-- change_status: the agent's status is set; contacts that it holds stay. Becoming routable restarts its clock.
-- USES emit next_stamp text_of
local function change_status(engine, agent_key, name, status, is_routable)
  local becomes_routable = is_routable and redis.call('HGET', agent_key, 'routable') ~= '1'
  local since = text_of(next_stamp(engine))
  redis.call('HSET', agent_key, 'status', status, 'routable', is_routable and '1' or '0', 'status_us', since)
  if becomes_routable then redis.call('HSET', agent_key, 'available_us', since) end
  emit(engine, 'agent.status_changed', 'agent', name, 'status', status)
end
