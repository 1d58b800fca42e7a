-- change_status: the agent's status is set; contacts that it holds stay. Becoming routable restarts its clock.
-- EMITS agent.status_changed agent status reason
-- USES count_staffed emit next_stamp text_of
local function change_status(engine, agent, status, is_routable, reason)
  local since_us = next_stamp(engine)
  if is_routable and not agent.is_routable then agent.available_us = since_us end
  if is_routable ~= agent.is_routable then
    count_staffed(engine, agent.profile, agent.skillset, is_routable and 1 or -1)
  end
  agent.status, agent.is_routable, agent.next_status = status, is_routable, ''
  redis.call('HSET', agent.key, 'status', status, 'routable', is_routable and '1' or '0',
    'status_us', text_of(since_us))
  redis.call('HDEL', agent.key, 'next_status')
  emit(engine, 'agent.status_changed', 'agent', agent.name, 'status', status, 'reason', reason or '')
end
