-- resume_for_agent: a supervisor connects a contact on hold, or a paused task, again. A task may be resumed even when
-- no slot is free for it.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- USES    open_engine find_holder rekind fill wake
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact, agent, refusal = find_holder(engine, id, 'connected on_hold paused')
if refusal then return redis.error_reply(refusal) end
if contact.state == 'connected' then return 1 end

rekind(engine, agent, contact, 'connected', 'contact.resumed')
if fill(engine, agent) > 0 then wake(engine, agent) end
return 1
