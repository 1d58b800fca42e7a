-- hand_on: a contact that an agent holds goes on to another queue, which has admitted it. It keeps the time at which it
-- was first enqueued, for its rank and for delays; its attempts stay. Its routing criteria are dropped, or are those
-- given, which begin now.
-- USES free_slot own_expiry requeue set_criteria
local function hand_on(engine, agent, contact, queue, criteria)
  free_slot(engine, agent.name, contact.token)
  own_expiry(engine, contact)
  redis.call('HSET', contact.key, 'queue', queue, 'unanswered', 0, 'chain_length', contact.chain_length + 1)
  redis.call('HDEL', contact.key, 'refused')
  contact.queue, contact.refused = queue, nil
  set_criteria(engine, contact, criteria)
  requeue(engine, contact, 'contact.transferred', 'transferred')
end
