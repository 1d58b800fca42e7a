-- transfer_contact: the agent hands a connected contact on to a queue or to an agent's own queue. It keeps the time
-- at which it was first enqueued, for its rank and for delays; its attempts stay; its routing criteria are dropped
-- unless it is given others.
-- The contact stays where it is when the queue does not take it; the limit may be exceeded by a fifth.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ARGV    queue     str   the new queue, or @agent
-- ARGV    criteria  str   its routing steps there, as push_contacts has them; "-": none
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  QUEUE_FULL queue limit
-- ERRORS  QUEUE_DISABLED queue
-- ERRORS  QUEUE_CLOSED queue
-- ERRORS  QUEUE_UNSTAFFED queue when
-- ERRORS  CHAIN_TOO_LONG id contacts
-- USES    refuse ends_chain admit find_held hand_on
-- FLAGS   allow-oom
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'connected on_hold')
  if not contact then return refuse(agent, stale) end
  if ends_chain(contact) then return refuse(agent, 'CHAIN_TOO_LONG ' .. id .. ' ' .. contact.chain_length) end
  local target, refused = admit(engine, queue, true, false, contact.channel)
  if not target then return refuse(agent, refused) end

  hand_on(engine, agent, contact, target.name, criteria)
end
