-- reject_offer: the agent refuses a contact that it is being offered; the contact goes back to its place.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- USES    refuse find_held free_slot requeue
-- FLAGS   allow-oom
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'offered')
  if not contact then return refuse(agent, stale) end
  free_slot(engine, name, token)
  requeue(engine, contact, 'contact.rejected', 'rejected')
end
