-- stop_ringing: of several agents at whom a contact rings, one is done with it: it has refused, missed or failed it, or
-- is not there any more. It rings on at the others, of whom the first is the one that its record names.
-- EMITS contact.rescinded contact queue channel agent token reason
-- EMITS contact.missed contact queue channel agent token reason attempts priority rank_us queued_us again_us error
--       rings
-- EMITS contact.rejected contact queue channel agent token reason attempts priority rank_us queued_us again_us error
--       rings
-- KNOWS OFFER_ENDS
-- USES count due_of emit key_of note_refusal queue_settings
local function stop_ringing(engine, contact, event, reason, error)
  local due_key, pair = key_of(engine, 'due'), contact.queue .. ':' .. contact.channel
  local name, token, rest = string.match(contact.rings, '^(%S+) (%d+);(.*)$')
  if redis.call('HGET', contact.key, 'token') == contact.token then
    local member = due_of('ring', name .. '/' .. token)
    redis.call('ZADD', due_key, redis.call('ZSCORE', due_key, member), due_of('offer', contact.id))
    redis.call('ZREM', due_key, member)
  else
    redis.call('ZREM', due_key, due_of('ring', contact.agent .. '/' .. contact.token))
  end
  redis.call('HSET', contact.key, 'agent', name, 'token', token, 'rings', rest)
  if rest == '' then redis.call('HDEL', contact.key, 'rings') end
  if OFFER_ENDS[reason] then count(engine, contact.agent, reason) end
  local settings = queue_settings(engine, contact.queue)
  if settings then note_refusal(engine, contact, contact.agent, reason, settings) end
  if reason ~= 'rescinded' then redis.call('HSET', contact.key, 'unanswered', contact.unanswered + 1) end
  if event == 'contact.requeued' then
    if reason == 'error' then
      count(engine, pair, 'error')
      redis.call('HSET', contact.key, 'error', error)
    end
    return emit(engine, 'contact.rescinded', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'agent', contact.agent, 'token', contact.token, 'reason', reason)
  end
  local _, rings = string.gsub(contact.rings, ';', '')
  count(engine, pair, string.match(event, '%.(%a+)$'))
  emit(engine, event, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', contact.agent, 'token', contact.token, 'reason', reason, 'attempts', contact.attempts,
    'priority', contact.priority, 'rank_us', contact.rank, 'queued_us', contact.queued_us,
    'again_us', '', 'error', error or '', 'rings', rings)
end
