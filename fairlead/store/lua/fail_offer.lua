-- fail_offer: an offer could not reach the agent: the contact goes back to its place, and the agent keeps an error
-- slot until it is cleared.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ARGV    error     str   what went wrong, never a byte of the payload
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- USES    refuse find_held reindex requeue set_slot
-- FLAGS   allow-oom
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'offered')
  if not contact then return refuse(agent, stale) end
  set_slot(agent, token, 'error')
  reindex(engine, agent)
  requeue(engine, contact, 'contact.requeued', 'error', error)
end
