-- leave_wait: a contact that is scheduled, queued or offered leaves its place: its line, its offer, its due times.
-- Returns the agent whose slot was freed, whom the caller fills and wakes.
-- RARELY count_apart
-- USES drop_due free_slot leave_line leave_offer place_of read_agent
local function leave_wait(engine, contact)
  local agent
  if contact.state == 'queued' then
    leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact))
  elseif contact.state == 'offered' then
    leave_offer(engine, contact)
    free_slot(engine, contact.agent, contact.token)
    agent = read_agent(engine, contact.agent)
    redis.call('HDEL', contact.key, 'agent', 'token')
  else
    count_apart(engine, contact.queue, -1)
  end
  drop_due(engine, contact.id)
  return agent
end
