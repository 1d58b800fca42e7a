-- set_status: the agent's own session changes its status; contacts that it holds stay.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    statuses  hash  the statuses and their types
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    status    str   the new status; an offline one stops routing, sign_out ends the session
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, parked, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  UNKNOWN_STATUS status
-- USES    open_engine open_session refuse change_status turn
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local agent, refusal = open_session(engine, name, epoch, op)
if not agent then return refusal end
local type = redis.call('HGET', statuses_key, status)
if agent.is_new and not type then return refuse(agent, 'UNKNOWN_STATUS ' .. status) end

if agent.is_new then change_status(engine, agent, status, type == 'routable') end
return turn(engine, agent, seen, {})
