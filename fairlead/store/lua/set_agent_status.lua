-- set_agent_status: a supervisor changes the status of a signed-in agent; contacts that it holds stay.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- KEYS    statuses  hash  the statuses and their types
-- ARGV    name      str   the agent's name
-- ARGV    status    str   the new status
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  UNKNOWN_STATUS status
-- ERRORS  STATUS_DISABLED status
-- ERRORS  SESSION_ENDED agent
-- USES    open_engine put_in_status read_agent refill status_type
-- FLAGS   allow-oom
if redis.call('EXISTS', agent_key) == 0 then return redis.error_reply('UNKNOWN_AGENT ' .. name) end
local engine = open_engine(instance_key, now_us, actor)
local agent = read_agent(engine, name)
local type, is_disabled = status_type(statuses_key, status)
if not agent then return redis.error_reply('SESSION_ENDED ' .. name) end
if not type then return redis.error_reply('UNKNOWN_STATUS ' .. status) end
if is_disabled then return redis.error_reply('STATUS_DISABLED ' .. status) end

put_in_status(engine, agent, status, type == 'routable')
refill(engine, agent)
return 1
