-- clear_for_agent: a supervisor clears slots of an agent: those that missed or failed offers have kept, and
-- after-contact work, which ends. Contacts that the agent holds stay.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- ARGV    name      str   the agent's name
-- ARGV    contact   str   the contact that the slot stands for; empty: all such slots
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   how many slots were cleared
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  SESSION_ENDED agent
-- ERRORS  WRONG_STATE id state
-- USES    open_engine clear_slots holds_contact read_agent refill
-- FLAGS   allow-oom
if redis.call('EXISTS', agent_key) == 0 then return redis.error_reply('UNKNOWN_AGENT ' .. name) end
local engine = open_engine(instance_key, now_us, actor)
local agent, tokens, held = read_agent(engine, name), {}, nil
if not agent then return redis.error_reply('SESSION_ENDED ' .. name) end
for _, slot in ipairs(agent.slots) do
  if contact == '' or slot.contact == contact then
    if holds_contact(slot.kind) then held = slot.kind else tokens[#tokens + 1] = slot.token end
  end
end
if contact ~= '' and held and not tokens[1] then return redis.error_reply('WRONG_STATE ' .. contact .. ' ' .. held) end

for _, token in ipairs(tokens) do clear_slots(engine, agent, token) end
refill(engine, agent)
return #tokens
