-- requeue: the one way back to the queue, whoever gave the contact up and why. Its slot must be free already. One that
-- rings at others stays with them.
-- The contact keeps its place and its age. A failure of its handler and the loss of its session are attempts: after
-- max_attempts of them, or when its queue is gone, it is parked; after a failure it pauses first. One that nobody has
-- answered max_offers times, or that all have refused for good, goes to the overflow queue, or is parked.
-- `event` is contact.requeued, contact.missed, contact.rejected, contact.transferred or contact.overflowed.
-- KNOWS HELD OFFER_ENDS
-- RARELY stop_ringing
-- USES count leave_offer line_up note_refusal own_expiry park pass_on pause_us queue_settings tell_back text_of
local function requeue(engine, contact, event, reason, error)
  local was, before = contact.state, { agent = contact.agent, token = contact.token, error = error }
  if was == 'offered' and contact.rings then return stop_ringing(engine, contact, event, reason, error) end
  if was == 'offered' then
    leave_offer(engine, contact)
    if OFFER_ENDS[reason] then count(engine, before.agent, reason) end
    if reason == 'error' then count(engine, contact.queue .. ':' .. contact.channel, 'error') end
  end
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
  if is_attempt and contact.attempts >= tonumber(settings.max_attempts) then
    return park(engine, contact, reason, error or '')
  end
  if reason == 'failed' and settings.retry_delay_s ~= '0' then
    contact.again_us = text_of(engine.now_us + pause_us(tonumber(settings.retry_delay_s), contact.attempts))
    redis.call('HSET', contact.key, 'again_us', contact.again_us)
  end
  contact.state = 'queued'
  redis.call('HSET', contact.key, 'state', 'queued', 'error', error or '')
  local why = note_refusal(engine, contact, before.agent, reason, settings) and 'refused_by_all'
  tell_back(engine, contact, event, reason, before)
  if was == 'offered' and reason ~= 'rescinded' then
    contact.unanswered = contact.unanswered + 1
    redis.call('HSET', contact.key, 'unanswered', contact.unanswered)
    if contact.unanswered >= (tonumber(settings.max_offers) or math.huge) then why = why or 'max_offers' end
  end
  if why then pass_on(engine, contact, settings, why, before) end
  if contact.state == 'queued' then line_up(engine, contact) end
end
