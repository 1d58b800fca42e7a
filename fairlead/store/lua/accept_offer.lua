-- accept_offer: the agent answers a contact that it is being offered; the contact is connected.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ERRORS  STALE_TOKEN id token
-- EMITS   contact.accepted contact queue channel agent token
-- USES    refuse read_contact leave_offer connect next_stamp set_slot emit
-- FLAGS   allow-oom
local contact = read_contact(engine, id)
if agent.is_new and (not contact or contact.token ~= token or contact.agent ~= name) then
  return refuse(agent, 'STALE_TOKEN ' .. id .. ' ' .. token)
end

if agent.is_new and contact.state == 'offered' then
  leave_offer(engine, contact)
  local _, connected_us = next_stamp(engine)
  connect(engine, agent, contact, set_slot(agent, token, 'connected'), connected_us)
  emit(engine, 'contact.accepted', 'contact', id, 'queue', contact.queue, 'channel', contact.channel, 'agent', name,
    'token', token)
end
