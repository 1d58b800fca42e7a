-- hold_contact: the customer of a connected contact is put on hold.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- EMITS   contact.held contact queue channel agent token
-- USES    refuse find_held set_slot emit
-- FLAGS   allow-oom
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'connected')
  if not contact then return refuse(agent, stale) end
  set_slot(agent, token, 'on_hold')
  redis.call('HSET', contact.key, 'state', 'on_hold')
  emit(engine, 'contact.held', 'contact', id, 'queue', contact.queue, 'channel', contact.channel, 'agent', name,
    'token', token)
end
