-- hand_on: a contact that an agent holds goes on to another queue, which has admitted it. It keeps the time at which it
-- was first enqueued, for its rank and for delays; its attempts stay, its routing criteria are dropped.
-- USES free_slot requeue
local function hand_on(engine, agent, contact, queue)
  free_slot(engine, agent.name, contact.token)
  redis.call('HSET', contact.key, 'queue', queue, 'unanswered', 0, 'chain_length', contact.chain_length + 1)
  redis.call('HDEL', contact.key, 'criteria', 'step', 'step_us', 'refused')
  contact.queue, contact.criteria, contact.refused = queue, nil, nil
  requeue(engine, contact, 'contact.transferred', 'transferred')
end
