-- requeue: the one way back to the queue, whoever gave the contact up and why. Its slot must be free already.
-- The contact keeps its place and its age. One that has been connected max_attempts times, or whose queue is gone, is
-- parked. `event` is contact.requeued, contact.missed, contact.rejected or contact.transferred.
-- USES count emit key_of line_up member_of park
local function requeue(engine, contact, event, reason, error)
  if contact.state == 'offered' then
    redis.call('ZREM', key_of(engine, 'offered', contact.queue, contact.channel), member_of(contact))
    redis.call('ZREM', key_of(engine, 'due'), 'offer:' .. contact.id)
  end
  redis.call('HDEL', contact.key, 'agent', 'token', 'connected_us')
  local is_agent_queue = string.sub(contact.queue, 1, 1) == '@'
  local most = redis.call('HGET', key_of(engine, 'queue', contact.queue), 'max_attempts') or (is_agent_queue and '5')
  if not most then return park(engine, contact, 'queue_removed', error or '') end
  if contact.state == 'connected' and contact.attempts >= tonumber(most) then
    return park(engine, contact, reason, error or '')
  end
  redis.call('HSET', contact.key, 'state', 'queued', 'error', error or '')
  count(engine, contact, string.match(event, '%.(%a+)$'))
  emit(engine, event, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', contact.agent or '', 'token', contact.token or '', 'reason', reason, 'attempts', contact.attempts,
    'priority', contact.priority, 'rank_us', contact.rank, 'queued_us', contact.queued_us)
  line_up(engine, contact)
end
