-- end_contact: the contact is over: its payload goes at once, its record after the instance's retention.
-- `state` is completed, abandoned or expired.
-- EMITS contact.completed contact queue channel agent token reason
-- EMITS contact.abandoned contact queue channel agent token reason
-- EMITS contact.expired contact queue channel agent token reason
-- USES bucket_of count emit key_of
local function end_contact(engine, contact, state, reason)
  local pair = contact.queue .. ':' .. contact.channel
  redis.call('HSET', contact.key, 'state', state)
  redis.call('EXPIRE', contact.key, engine.kept.ended_retention_s)
  redis.call('HDEL', key_of(engine, 'payloads'), contact.id)
  if state == 'abandoned' and contact.state ~= 'scheduled' then  -- what had not begun to wait is no queue's loss
    count(engine, pair, 'x' .. bucket_of(engine.now_us - contact.entered_us))
  elseif state ~= 'abandoned' and not contact.connected_us then
    count(engine, pair, state == 'completed' and 'stopped' or state)
  end
  emit(engine, 'contact.' .. state, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', contact.agent or '', 'token', contact.token or '', 'reason', reason or '')
end
