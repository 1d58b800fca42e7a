-- session_due: a session was not renewed: it leaves routing, what rings there goes back, and it is lost when the rest
-- of its lease is over too. Others of its holder are due as well, and all that is due is done before the first agent is
-- walked.
-- EMITS agent.status_changed agent status reason
-- USES emit end_session key_of presence_of read_agent rescind text_of due_of
local function session_due(engine, name, due_us)
  local agent = read_agent(engine, name)
  if not agent then return end
  local lost_us = due_us + agent.lease_us - presence_of(agent.lease_us)
  if agent.is_noted_absent or lost_us <= engine.now_us then
    end_session(engine, name, 'agent.lost', 'lost', {})
    return
  end
  agent.absent, agent.is_noted_absent = true, true
  redis.call('HSET', agent.key, 'absent', '1')
  redis.call('ZADD', key_of(engine, 'due'), text_of(lost_us), due_of('session', name))
  emit(engine, 'agent.status_changed', 'agent', name, 'status', agent.status, 'reason', 'absent')
  rescind(engine, agent)
end
