-- move_contact: a contact that waits, or is being offered, goes to another queue: a move, or an escalation. Its wait,
-- its delay and its routing steps begin anew there; the contact stays where it is when the queue does not take it. The
-- limit may be exceeded by a fifth. In the queue where it is, a rank moves its place alone.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    queue     str   the new queue, or @agent
-- ARGV    rank      str   back: from now; keep: from its original time; front: before all of its priority; empty: back
-- ARGV    criteria  str   its routing steps there, as push_contacts has them; "-": none; empty: those that it has
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
-- ERRORS  SAME_QUEUE id queue
-- KNOWS   IN_QUEUE
-- USES    open_engine read_contact admit ends_chain leave_wait move_to requeue rerank set_criteria go_on
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
if not IN_QUEUE[contact.state] then
  return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state)
end
if contact.queue == queue then
  if rank == '' then return redis.error_reply('SAME_QUEUE ' .. id .. ' ' .. queue) end
  rerank(engine, contact, rank, criteria)
  return queue
end
rank = rank == '' and 'back' or rank
if ends_chain(contact) then return redis.error_reply('CHAIN_TOO_LONG ' .. id .. ' ' .. contact.chain_length) end
local target, refused = admit(engine, queue, true, false, contact.channel)
if not target then return redis.error_reply(refused) end

local agents = leave_wait(engine, contact)
contact.state, contact.chain_length = 'queued', contact.chain_length + 1
if criteria ~= '' then set_criteria(engine, contact, criteria) end
move_to(engine, contact, target.name, rank, rank ~= 'back')
requeue(engine, contact, rank == 'back' and 'contact.transferred' or 'contact.overflowed', 'moved')
go_on(engine, agents)
return target.name
