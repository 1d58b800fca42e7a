-- tell_back: say that a contact is in line again, and why; and count it, where it is new to its queue as queued, too.
-- `before` says who had it: agent, token, and the error that it came back with.
-- EMITS contact.requeued contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- EMITS contact.missed contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- EMITS contact.rejected contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- EMITS contact.transferred contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- EMITS contact.overflowed contact queue channel agent token reason attempts priority rank_us queued_us again_us error
-- USES count emit
local function tell_back(engine, contact, event, reason, before)
  local pair = contact.queue .. ':' .. contact.channel
  count(engine, pair, string.match(event, '%.(%a+)$'))
  if event == 'contact.transferred' or event == 'contact.overflowed' then  -- it is new to its queue
    count(engine, pair, 'queued')
    if contact.answered then redis.call('HDEL', contact.key, 'answered') end
  end
  emit(engine, event, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', before.agent or '', 'token', before.token or '', 'reason', reason, 'attempts', contact.attempts,
    'priority', contact.priority, 'rank_us', contact.rank, 'queued_us', contact.queued_us,
    'again_us', contact.again_us or '', 'error', before.error or '')
end
