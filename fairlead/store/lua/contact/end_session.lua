-- end_session: one agent's session is over, within all_then_match: it leaves routing, what it held goes back to its
-- place, and after-contact work ends. Adds the ids of the contacts that went back to `given_back`.
-- EMITS agent.signed_out agent reason
-- EMITS agent.lost agent reason
-- USES clear_slots count_present emit end_part holds_contact key_of read_agent read_contact requeue spend_time
--      take_up_ring unindex due_of
local function end_session(engine, name, event, reason, given_back)
  local agent, slots = read_agent(engine, name), {}
  for place, slot in ipairs(agent.slots) do slots[place] = slot end
  for _, slot in ipairs(slots) do
    clear_slots(engine, agent, slot.token)
    if holds_contact(slot.kind) then end_part(engine, agent, slot, true) end
  end
  local holder, was_staffed = agent.holder, agent.is_routable
  unindex(engine, agent)
  agent.is_routable, agent.slots = false, {}
  spend_time(engine, agent)
  redis.call('HDEL', agent.key, 'epoch', 'op', 'status', 'routable', 'worker', 'inbox', 'holder', 'auto_accept',
    'capacity', 'lease_us', 'available_us', 'offerable', 'pools', 'status_us', 'next_status', 'misses', 'absent',
    'activity', 'activity_us', 'refusal', 'fenced', 'asked', 'slots', 'present_us')
  redis.call('ZREM', key_of(engine, 'due'), due_of('session', name))
  redis.call('SREM', key_of(engine, 'online', agent.profile), name)
  count_present(engine, agent.profile, agent.skillset, -1, was_staffed)
  redis.call('SREM', key_of(engine, 'holder', holder), name)
  engine.agents[name] = nil
  emit(engine, event, 'agent', name, 'reason', reason)
  for _, slot in ipairs(slots) do
    if holds_contact(slot.kind) then
      given_back[#given_back + 1] = slot.contact
      local contact = read_contact(engine, slot.contact)
      take_up_ring(contact, name, slot.token)
      requeue(engine, contact, 'contact.requeued', reason)
    end
  end
end
