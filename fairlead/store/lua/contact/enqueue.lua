-- enqueue: a contact whose time has come enters its queue: new, scheduled or to be called back. Its wait begins now;
-- `rank_us` is what its place in line is computed from.
-- EMITS contact.queued contact queue channel priority rank_us queued_us
-- USES count emit line_up text_of digits_of
local function enqueue(engine, contact, queued_us, rank_us)
  contact.queued_us = digits_of(queued_us)
  contact.rank = digits_of(rank_us)
  contact.state = 'queued'
  redis.call('HSET', contact.key, 'state', 'queued', 'queue', contact.queue, 'channel', contact.channel,
    'priority', contact.priority, 'rank', contact.rank)
  if contact.queued_us ~= contact.rank then
    redis.call('HSET', contact.key, 'queued_us', contact.queued_us)
  elseif not contact.is_new then
    redis.call('HDEL', contact.key, 'queued_us')
  end
  if contact.criteria then
    contact.step, contact.step_us = 1, engine.now_us
    redis.call('HSET', contact.key, 'step', 1, 'step_us', text_of(engine.now_us))
  end
  if contact.answered then redis.call('HDEL', contact.key, 'answered') end
  count(engine, contact.queue .. ':' .. contact.channel, 'queued')
  emit(engine, 'contact.queued', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'priority', contact.priority, 'rank_us', contact.rank, 'queued_us', contact.queued_us)
  line_up(engine, contact)
end
