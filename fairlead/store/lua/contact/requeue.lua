-- requeue: the one way back to the queue, whoever gave the contact up and why. Its slot must be free already.
-- The contact keeps its place and its age. A failure of its handler and the loss of its session are attempts: after
-- max_attempts of them, or when its queue is gone, it is parked; after a failure it pauses first. One that nobody has
-- answered max_offers times goes to the overflow queue, or is parked.
-- `event` is contact.requeued, contact.missed, contact.rejected, contact.transferred or contact.overflowed.
-- EMITS contact.requeued contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- EMITS contact.missed contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- EMITS contact.rejected contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- EMITS contact.transferred contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- EMITS contact.overflowed contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- KNOWS HELD
-- USES admit count emit ends_chain leave_offer line_up move_to own_expiry park pause_us queue_settings text_of
local function requeue(engine, contact, event, reason, error)
  local was, agent, token = contact.state, contact.agent or '', contact.token or ''
  if was == 'offered' then leave_offer(engine, contact) end
  if contact.connected_us then  -- it did not wait while it was held
    own_expiry(engine, contact)
    if contact.expires_us ~= 'never' then
      contact.expires_us = text_of(tonumber(contact.expires_us) + engine.now_us - contact.connected_us)
      redis.call('HSET', contact.key, 'expires_us', contact.expires_us)
    end
  end
  redis.call('HDEL', contact.key, 'agent', 'token', 'connected_us')
  contact.agent, contact.token, contact.connected_us = nil, nil, nil
  local is_attempt = HELD[was] and (reason == 'failed' or reason == 'lost')
  if is_attempt then contact.attempts = redis.call('HINCRBY', contact.key, 'attempts', 1) end
  local settings = queue_settings(engine, contact.queue)
  if not settings then return park(engine, contact, 'queue_removed', error or '') end
  if contact.refused and settings.exclude_rejecting ~= '1' then
    redis.call('HDEL', contact.key, 'refused')
    contact.refused = nil
  end
  if is_attempt and contact.attempts >= tonumber(settings.max_attempts) then
    return park(engine, contact, reason, error or '')
  end
  if reason == 'failed' and settings.retry_delay_s ~= '0' then
    contact.again_us = text_of(engine.now_us + pause_us(tonumber(settings.retry_delay_s), contact.attempts))
    redis.call('HSET', contact.key, 'again_us', contact.again_us)
  end
  local function tell(name, why)
    count(engine, contact.queue .. ':' .. contact.channel, string.match(name, '%.(%a+)$'))
    if name == 'contact.transferred' or name == 'contact.overflowed' then  -- it is new to its queue
      count(engine, contact.queue .. ':' .. contact.channel, 'queued')
      if contact.answered then redis.call('HDEL', contact.key, 'answered') end
    end
    emit(engine, name, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel, 'agent', agent,
      'token', token, 'reason', why, 'attempts', contact.attempts, 'priority', contact.priority,
      'rank_us', contact.rank, 'queued_us', contact.queued_us, 'again_us', contact.again_us or '',
      'error', error or '')
  end
  contact.state = 'queued'
  redis.call('HSET', contact.key, 'state', 'queued', 'error', error or '')
  tell(event, reason)
  if was == 'offered' then
    contact.unanswered = contact.unanswered + 1
    redis.call('HSET', contact.key, 'unanswered', contact.unanswered)
    if contact.unanswered >= (tonumber(settings.max_offers) or math.huge) then
      local target = settings.overflow ~= '' and admit(engine, settings.overflow, true, true, contact.channel)
      if not target or target.name == contact.queue or ends_chain(contact) then
        return park(engine, contact, 'max_offers', error or '')
      end
      move_to(engine, contact, target.name, settings.overflow_rank)
      tell('contact.overflowed', 'max_offers')
    end
  end
  line_up(engine, contact)
end
