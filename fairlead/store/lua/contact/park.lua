-- park: take a contact out of routing, keeping it and why; it waits to be put back by hand.
-- EMITS contact.parked contact queue channel reason attempts error
-- USES count count_apart drop_due emit key_of text_of
local function park(engine, contact, reason, error)
  redis.call('HSET', contact.key, 'state', 'parked', 'error', error)
  redis.call('HDEL', contact.key, 'retried', 'again_us')
  contact.state = 'parked'
  drop_due(engine, contact.id)
  redis.call('ZADD', key_of(engine, 'parked'), text_of(engine.now_us), contact.id)
  count_apart(engine, contact.queue, 1)
  count(engine, contact.queue .. ':' .. contact.channel, 'parked')
  emit(engine, 'contact.parked', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'reason', reason, 'attempts', contact.attempts, 'error', error)
end
