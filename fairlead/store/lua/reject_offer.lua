-- reject_offer: the agent refuses a contact that it is being offered; the contact goes back to its place.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    id        str   the contact's id
-- ARGV    token     int   the offer's fencing token
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- USES    open_engine open_session free_slot read_contact requeue turn
-- FLAGS   allow-oom
local refusal, is_new = open_session(agent_key, name, epoch, op)
if refusal then return refusal end
local engine = open_engine(instance_key, now_us)
if is_new then
  local contact = read_contact(engine, id)
  if not contact or contact.token ~= token then return redis.error_reply('STALE_TOKEN ' .. id .. ' ' .. token) end
  if contact.state ~= 'offered' then return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state) end
  redis.call('HSET', agent_key, 'op', op)
  free_slot(engine, name, token)
  requeue(engine, contact, 'contact.rejected', 'rejected')
end
return turn(engine, name, seen, {})
