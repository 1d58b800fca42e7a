-- change_status: the agent's status is set; contacts that it holds stay. Becoming routable restarts its clock. Its
-- misses are counted anew. The next status that it has asked for is forgotten, unless a policy changes its status
-- (`reason` missed_offers) or what its status is (configured).
-- EMITS agent.status_changed agent status reason
-- USES count_staffed emit next_stamp
local function change_status(engine, agent, status, is_routable, reason)
  local _, since_us = next_stamp(engine)
  local keeps_next = reason == 'missed_offers' or reason == 'configured'
  if is_routable and not agent.is_routable then agent.available_us = since_us end
  if is_routable ~= agent.is_routable then
    count_staffed(engine, agent.profile, agent.skillset, is_routable and 1 or -1)
  end
  agent.status, agent.is_routable, agent.misses = status, is_routable, 0
  if not keeps_next then agent.next_status = '' end
  redis.call('HSET', agent.key, 'status', status, 'routable', is_routable and '1' or '0',
    'status_us', since_us)
  redis.call('HDEL', agent.key, 'misses', keeps_next and 'misses' or 'next_status')
  emit(engine, 'agent.status_changed', 'agent', agent.name, 'status', status, 'reason', reason or '')
end
