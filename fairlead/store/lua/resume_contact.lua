-- resume_contact: a contact on hold, or a paused task, is connected again. A task may be resumed even when no slot is
-- free for it.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- USES    refuse find_held rekind
-- FLAGS   allow-oom
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'on_hold paused')
  if not contact then return refuse(agent, stale) end
  rekind(engine, agent, contact, 'connected', 'contact.resumed')
end
