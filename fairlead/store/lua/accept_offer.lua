-- accept_offer: the agent answers a contact that it is being offered; the contact is connected. Where it rings at
-- others, it rings there no more, and they have not missed it.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ERRORS  STALE_TOKEN id token
-- EMITS   contact.accepted contact queue channel agent token
-- USES    refuse read_contact take_up_ring leave_offer connect next_stamp set_slot emit
-- RARELY  end_rings go_on
-- FLAGS   allow-oom
local contact = read_contact(engine, id)
if agent.is_new and not (contact and take_up_ring(contact, name, token)) then
  return refuse(agent, 'STALE_TOKEN ' .. id .. ' ' .. token)
end

if agent.is_new and contact.state == 'offered' then
  local others = contact.rings and end_rings(engine, contact, 'answered')
  leave_offer(engine, contact)
  local _, connected_us = next_stamp(engine)
  connect(engine, agent, contact, set_slot(agent, token, 'connected'), connected_us)
  emit(engine, 'contact.accepted', 'contact', id, 'queue', contact.queue, 'channel', contact.channel, 'agent', name,
    'token', token)
  if others then go_on(engine, others) end
end
