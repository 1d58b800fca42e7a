-- pause_for_agent: a supervisor pauses a connected task: it takes no slot until it is resumed, and the agent may be
-- given another one.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- ERRORS  NOT_PAUSABLE id channel
-- USES    open_engine find_holder rekind refill
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact, agent, refusal = find_holder(engine, id, 'connected paused')
if refusal then return redis.error_reply(refusal) end
if contact.channel ~= 'task' then return redis.error_reply('NOT_PAUSABLE ' .. id .. ' ' .. contact.channel) end
if contact.state == 'paused' then return 1 end

rekind(engine, agent, contact, 'paused', 'contact.paused')
refill(engine, agent)
return 1
