-- come_due: one due time has come; `kind` says of what, `name` whose, `due_us` when it was. Within all_then_match.
-- EMITS agent.status_changed agent status reason
-- KNOWS IN_QUEUE
-- USES clear_slots end_contact end_sessions emit fill key_of leave_line leave_wait line_up lost_with member_of
-- USES miss_offer open_queues presence_of read_agent read_contact reindex start_contact text_of wake
local function come_due(engine, kind, name, due_us)
  if kind == 'session' then
    local agent = read_agent(engine, name)
    if not agent then return end
    local lost_us = due_us + agent.lease_us - presence_of(agent.lease_us)
    if agent.absent or lost_us <= engine.now_us then
      end_sessions(engine, lost_with(engine, name, false), 'agent.lost', 'lost')
      return
    end
    agent.absent = true
    redis.call('HSET', agent.key, 'absent', 1)
    redis.call('ZADD', key_of(engine, 'due'), text_of(lost_us), 'session:' .. name)
    emit(engine, 'agent.status_changed', 'agent', name, 'status', agent.status, 'reason', 'absent')
    reindex(engine, agent)
    return
  elseif kind == 'hours' then
    for _, crew in ipairs(open_queues(engine)) do table.insert(engine.later.crews, crew) end
    return
  elseif kind == 'slot' then
    local owner, token = string.match(name, '^(.+)/(%d+)$')
    local agent = read_agent(engine, owner)
    if agent and clear_slots(engine, agent, token) and fill(engine, agent) > 0 then wake(engine, agent) end
    return
  end
  local contact = read_contact(engine, name)
  if not contact then return end
  local agent
  if kind == 'offer' and contact.state == 'offered' then
    miss_offer(engine, contact)
  elseif kind == 'acw' and contact.state == 'acw' then
    agent = read_agent(engine, contact.agent)
    clear_slots(engine, agent, contact.token)
  elseif kind == 'start' and contact.state == 'scheduled' then
    start_contact(engine, contact)
  elseif kind == 'expiry' and IN_QUEUE[contact.state] then
    agent = leave_wait(engine, contact)
    end_contact(engine, contact, 'expired')
  elseif (kind == 'step' or kind == 'pause') and contact.state == 'queued' then
    leave_line(engine, contact.queue, contact.channel, contact.lane, member_of(contact))
    line_up(engine, contact)
  end
  if agent then
    fill(engine, agent)
    wake(engine, agent)
  end
end
