-- hold_contact: the customer of a connected contact is put on hold.
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
-- USES    open_engine open_session refuse find_held set_slot emit turn
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local agent, refusal = open_session(engine, name, epoch, op)
if not agent then return refusal end
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'connected')
  if not contact then return refuse(agent, stale) end
  set_slot(agent, token, 'on_hold')
  redis.call('HSET', contact.key, 'state', 'on_hold')
  emit(engine, 'contact.held', 'contact', id, 'queue', contact.queue, 'channel', contact.channel, 'agent', name,
    'token', token)
end
return turn(engine, agent, seen, {})
