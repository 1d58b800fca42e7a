-- sign_out: end a session; what it held goes back to its place in line. Whom a supervisor signs out stays out until
-- somebody signs the agent in: its program does not come back by itself.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session; empty: whichever there is, as a supervisor asks
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   the ids of the contacts that went back
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  SESSION_ENDED agent
-- USES    all_then_match end_session open_engine
-- FLAGS   allow-oom
if redis.call('EXISTS', agent_key) == 0 then return redis.error_reply('UNKNOWN_AGENT ' .. name) end
local current = redis.call('HGET', agent_key, 'epoch')
if not current then
  if epoch == '' then return {} end
  return redis.error_reply('SESSION_ENDED ' .. name)
end
if epoch ~= '' and epoch ~= current then return redis.error_reply('SESSION_ENDED ' .. name) end
local engine = open_engine(instance_key, now_us, epoch ~= '' and 'agent:' .. name or actor)
local given_back = {}
if epoch == '' then redis.call('HSET', agent_key, 'kept_out', 1) end
all_then_match(engine, function() end_session(engine, name, 'agent.signed_out', 'signed_out', given_back) end)
return given_back
