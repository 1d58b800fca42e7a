-- fail_offer: an offer could not reach the agent: the contact goes back to its place, and the agent keeps an error
-- slot until it is cleared.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ARGV    error     str   what went wrong, never a byte of the payload
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, parked, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- USES    open_engine open_session refuse find_held reindex requeue set_slot turn
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local agent, refusal = open_session(engine, name, epoch, op)
if not agent then return refusal end
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'offered')
  if not contact then return refuse(agent, stale) end
  set_slot(agent, token, 'error')
  reindex(engine, agent)
  requeue(engine, contact, 'contact.requeued', 'error', error)
end
return turn(engine, agent, seen, {})
