-- hand_on: a contact that an agent holds goes on to another queue, which has admitted it. It keeps the time at which it
-- was first enqueued, for its rank and for delays; its attempts stay. Its routing criteria are dropped, or are those
-- given, which begin now.
-- USES begin_acw free_slot own_expiry requeue set_criteria slot_of text_of
local function hand_on(engine, agent, contact, queue, criteria)
  local slot = slot_of(agent, contact.token)
  if not begin_acw(engine, agent, slot, 'transferred') then free_slot(engine, agent.name, contact.token) end
  contact.entered_us = engine.now_us
  own_expiry(engine, contact)
  redis.call('HSET', contact.key, 'queue', queue, 'chain_length', contact.chain_length + 1,
    'entered_us', text_of(engine.now_us))
  redis.call('HDEL', contact.key, 'refused', 'raised')
  contact.queue, contact.refused = queue, nil
  set_criteria(engine, contact, criteria)
  requeue(engine, contact, 'contact.transferred', 'transferred')
end
