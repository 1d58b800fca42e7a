-- leave_wait: a contact that is scheduled, queued or offered leaves its place: its line, its offer, its due times.
-- Returns the agents whose slots were freed, who go on as the caller says.
-- RARELY count_apart end_rings
-- USES drop_due free_slot leave_line leave_offer place_of read_agent
local function leave_wait(engine, contact)
  local agents = {}
  if contact.state == 'queued' then
    leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact))
  elseif contact.state == 'offered' then
    if contact.rings then agents = end_rings(engine, contact, 'gone') end
    leave_offer(engine, contact)
    free_slot(engine, contact.agent, contact.token)
    table.insert(agents, 1, read_agent(engine, contact.agent))
    redis.call('HDEL', contact.key, 'agent', 'token')
  else
    count_apart(engine, contact.queue, -1)
  end
  drop_due(engine, contact.id)
  return agents
end
