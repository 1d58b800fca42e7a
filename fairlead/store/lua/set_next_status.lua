-- set_next_status: the status that a signed-in agent will have when its last slot is free. Routing stops at once, what
-- rings goes back, contacts in after-contact work are cleared, connected ones stay.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- KEYS    statuses  hash  the statuses and their types
-- ARGV    name      str   the agent's name
-- ARGV    status    str   the next status; empty or a routable one: none, routing goes on
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   the agent's status now
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  UNKNOWN_STATUS status
-- ERRORS  STATUS_DISABLED status
-- ERRORS  SESSION_ENDED agent
-- EMITS   agent.status_changed agent status next_status
-- USES    open_engine clear_slots emit read_agent refill rescind status_type
-- FLAGS   allow-oom
if redis.call('EXISTS', agent_key) == 0 then return redis.error_reply('UNKNOWN_AGENT ' .. name) end
local engine = open_engine(instance_key, now_us, actor)
local agent = read_agent(engine, name)
if not agent then return redis.error_reply('SESSION_ENDED ' .. name) end
local type, is_disabled = status_type(statuses_key, status)
if status ~= '' and not type then return redis.error_reply('UNKNOWN_STATUS ' .. status) end
if is_disabled then return redis.error_reply('STATUS_DISABLED ' .. status) end
if type == 'routable' then status = '' end

redis.call('HSET', agent_key, 'next_status', status)
emit(engine, 'agent.status_changed', 'agent', name, 'status', agent.status, 'next_status', status)
agent.next_status = status
if status ~= '' then
  local tokens = {}
  for _, slot in ipairs(agent.slots) do
    if slot.kind == 'acw' then tokens[#tokens + 1] = slot.token end
  end
  for _, token in ipairs(tokens) do clear_slots(engine, agent, token) end
  rescind(engine, agent)
end
refill(engine, agent)
return agent.status
