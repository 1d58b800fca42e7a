-- set_status: the agent's own session changes its status; contacts that it holds stay.
-- SESSION
-- KEYS    statuses  hash  the statuses and their types
-- ARGV    status    str   the new status; an offline one stops routing, sign_out ends the session
-- ERRORS  UNKNOWN_STATUS status
-- ERRORS  STATUS_DISABLED status
-- USES    refuse put_in_status status_type
-- FLAGS   allow-oom
local type, is_disabled = status_type(statuses_key, status)
if agent.is_new and not type then return refuse(agent, 'UNKNOWN_STATUS ' .. status) end
if agent.is_new and is_disabled then return refuse(agent, 'STATUS_DISABLED ' .. status) end

if agent.is_new then put_in_status(engine, agent, status, type == 'routable') end
