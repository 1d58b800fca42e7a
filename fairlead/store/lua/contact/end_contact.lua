-- end_contact: the contact is over: its payload goes at once, its record after the instance's retention.
-- `state` is completed, abandoned or expired.
-- EMITS contact.completed contact queue channel agent token reason
-- EMITS contact.abandoned contact queue channel agent token reason
-- EMITS contact.expired contact queue channel agent token reason
-- USES bucket_of count emit key_of
local function end_contact(engine, contact, state, reason)
  local pair = contact.queue .. ':' .. contact.channel
  redis.call('HSET', contact.key, 'state', state)
  redis.call('EXPIRE', contact.key, engine.ended_retention_s)
  redis.call('HDEL', key_of(engine, 'payloads'), contact.id)
  if contact.connected_us then
    local handled_us = engine.now_us - contact.connected_us
    count(engine, pair, 'h' .. bucket_of(handled_us))
    count(engine, pair, 'handle_us', handled_us)
    count(engine, contact.agent, 'handled')
    count(engine, contact.agent, 'handle_us', handled_us)
  elseif state == 'abandoned' and contact.state ~= 'scheduled' then  -- what had not begun to wait is no queue's loss
    count(engine, pair, 'x' .. bucket_of(engine.now_us - tonumber(contact.queued_us)))
  elseif state ~= 'abandoned' then
    count(engine, pair, state == 'completed' and 'stopped' or state)
  end
  emit(engine, 'contact.' .. state, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', contact.agent or '', 'token', contact.token or '', 'reason', reason or '')
end
