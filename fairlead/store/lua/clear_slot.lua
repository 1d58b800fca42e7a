-- clear_slot: free the slot that a missed offer has kept.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- KEYS    slots     hash  the agent's slots
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    token     int   the missed offer's fencing token
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  STALE_TOKEN agent token
-- USES    open_engine open_session turn
-- FLAGS   allow-oom
local refusal, is_new = open_session(agent_key, name, epoch, op)
if refusal then return refusal end
local slot = redis.call('HGET', slots_key, token)
if is_new and not (slot and string.find(slot, ' missed ', 1, true)) then
  return redis.error_reply('STALE_TOKEN ' .. name .. ' ' .. token)
end

redis.call('HSET', agent_key, 'op', op)
if is_new then redis.call('HDEL', slots_key, token) end
return turn(open_engine(instance_key, now_us), name, seen, {})
