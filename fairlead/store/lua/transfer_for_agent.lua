-- transfer_for_agent: a supervisor hands a contact that an agent holds on to a queue or to an agent's own queue, as its
-- agent would (transfer_contact). It stays where it is when the queue does not take it, and when it is in that queue
-- already, as it is when the request is repeated.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    queue     str   the new queue, or @agent
-- ARGV    criteria  str   its routing steps there, as push_contacts has them; "-": none
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   the queue that took it
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  QUEUE_FULL queue limit
-- ERRORS  QUEUE_DISABLED queue
-- ERRORS  QUEUE_CLOSED queue
-- ERRORS  QUEUE_UNSTAFFED queue when
-- ERRORS  CHAIN_TOO_LONG id contacts
-- KNOWS   IN_QUEUE
-- USES    open_engine find_holder ends_chain admit hand_on fill wake
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact, agent, refusal = find_holder(engine, id, 'queued offered connected on_hold')
if not refusal and contact.queue == queue then return queue end
if contact and IN_QUEUE[contact.state] then refusal = 'WRONG_STATE ' .. id .. ' ' .. contact.state end
if refusal then return redis.error_reply(refusal) end
if ends_chain(contact) then return redis.error_reply('CHAIN_TOO_LONG ' .. id .. ' ' .. contact.chain_length) end
local target, refused = admit(engine, queue, true, false, contact.channel)
if not target then return redis.error_reply(refused) end

hand_on(engine, agent, contact, target.name, criteria)
fill(engine, agent)
wake(engine, agent)
return target.name
