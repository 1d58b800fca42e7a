-- hold_contact: the customer of a connected contact is put on hold.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- USES    refuse find_held rekind
-- FLAGS   allow-oom
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'connected')
  if not contact then return refuse(agent, stale) end
  rekind(engine, agent, contact, 'on_hold', 'contact.held')
end
