-- end_acw: after-contact work in a slot is over, cleared or timed out, and with it the contact, unless that has gone on
-- to another queue.
-- EMITS agent.status_changed agent status reason contact token
-- USES due_of emit end_contact end_part key_of read_contact set_slot
local function end_acw(engine, agent, slot, reason)
  redis.call('ZREM', key_of(engine, 'due'), due_of('slot', agent.name .. '/' .. slot.token))
  set_slot(agent, slot.token, nil)
  local contact = read_contact(engine, slot.contact)
  local is_its = contact and contact.state == 'acw' and contact.token == slot.token
  end_part(engine, agent, slot, not is_its)
  if is_its then return end_contact(engine, contact, 'completed', reason) end
  emit(engine, 'agent.status_changed', 'agent', agent.name, 'status', agent.status, 'reason', 'slot_cleared',
    'contact', slot.contact, 'token', slot.token)
end
