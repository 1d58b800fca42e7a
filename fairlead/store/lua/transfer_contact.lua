-- transfer_contact: the agent hands a connected contact on to a queue or to an agent's own queue. It keeps the time
-- at which it was first enqueued, for its rank and for delays; its attempts begin anew.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- KEYS    owner     hash  the new queue's settings, or the record of the agent whose queue it is
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ARGV    queue     str   the new queue, or @agent
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  UNKNOWN_AGENT agent
-- USES    open_engine open_session free_slot read_contact requeue turn
-- FLAGS   allow-oom
local refusal, is_new = open_session(agent_key, name, epoch, op)
if refusal then return refusal end
local engine = open_engine(instance_key, now_us)
if is_new then
  local contact = read_contact(engine, id)
  if not contact or contact.token ~= token then return redis.error_reply('STALE_TOKEN ' .. id .. ' ' .. token) end
  if contact.state ~= 'connected' then return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state) end
  if redis.call('EXISTS', owner_key) == 0 then
    local owner = string.match(queue, '^@(.+)$')
    return redis.error_reply(owner and 'UNKNOWN_AGENT ' .. owner or 'UNKNOWN_QUEUE ' .. queue)
  end
  redis.call('HSET', agent_key, 'op', op)
  free_slot(engine, name, token)
  redis.call('HSET', contact.key, 'queue', queue, 'attempts', 0)
  contact.queue, contact.attempts = queue, 0
  requeue(engine, contact, 'contact.transferred', 'transferred')
end
return turn(engine, name, seen, {})
