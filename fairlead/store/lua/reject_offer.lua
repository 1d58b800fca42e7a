-- reject_offer: the agent refuses a contact that it is being offered; the contact goes back to its place. Where the
-- queue wants it, the agent is not offered it again.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, parked, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- USES    open_engine open_session refuse find_held free_slot key_of requeue turn
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local agent, refusal = open_session(engine, name, epoch, op)
if not agent then return refusal end
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'offered')
  if not contact then return refuse(agent, stale) end
  free_slot(engine, name, token)
  if redis.call('HGET', key_of(engine, 'queue', contact.queue), 'exclude_rejecting') == '1' then
    contact.refused = contact.refused and contact.refused .. ',' .. name or name
    redis.call('HSET', contact.key, 'refused', contact.refused)
  end
  requeue(engine, contact, 'contact.rejected', 'rejected')
end
return turn(engine, agent, seen, {})
