-- end_contact: the contact is over: its payload goes at once, its record after the instance's retention.
-- USES count emit key_of
local function end_contact(engine, contact, state)
  redis.call('HSET', contact.key, 'state', state)
  redis.call('EXPIRE', contact.key, engine.ended_retention_s)
  redis.call('DEL', key_of(engine, 'payload', contact.id))
  count(engine, contact, state)
  if contact.connected_us then count(engine, contact, 'handle_us', engine.now_us - contact.connected_us) end
  emit(engine, 'contact.' .. state, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', contact.agent or '', 'token', contact.token or '')
end
