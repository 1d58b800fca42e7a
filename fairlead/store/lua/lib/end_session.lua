-- end_session: the agent's session is over; what it held goes back to its place. Returns the ids of those contacts.
-- `event` is agent.signed_out or agent.lost; `reason` is why the contacts come back.
-- USES emit key_of read_agent read_contact requeue unindex
local function end_session(engine, name, event, reason)
  local agent, given_back = read_agent(engine, name), {}
  unindex(engine, agent)
  redis.call('DEL', agent.slots_key)
  redis.call('HDEL', agent.key, 'epoch', 'op', 'status', 'routable', 'worker', 'holder', 'auto_accept', 'capacity',
    'lease_us', 'available_us', 'open', 'status_us')
  redis.call('ZREM', key_of(engine, 'due'), 'session:' .. name)
  emit(engine, event, 'agent', name, 'reason', reason)
  for _, slot in ipairs(agent.slots) do
    if slot.kind ~= 'missed' then
      given_back[#given_back + 1] = slot.contact
      requeue(engine, read_contact(engine, slot.contact), 'contact.requeued', reason)
    end
  end
  return given_back
end
