-- switch_webhook: an endpoint gets no more events, by hand or since nothing could be delivered for too long; or it gets
-- them again, from now on.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    webhook   hash  the endpoint's record
-- ARGV    id        str   the endpoint's id
-- ARGV    reason    str   why it gets none, in a word: gone, failing, by_hand; empty: it gets them again
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1, or 0 when it was so before
-- ERRORS  UNKNOWN_WEBHOOK id
-- EMITS   webhook.switched_off webhook reason
-- EMITS   webhook.switched_on webhook
-- USES    open_engine emit
-- FLAGS   allow-oom
if redis.call('EXISTS', webhook_key) == 0 then return redis.error_reply('UNKNOWN_WEBHOOK ' .. id) end
if (redis.call('HEXISTS', webhook_key, 'off') == 1) == (reason ~= '') then return 0 end
local engine = open_engine(instance_key, now_us, actor)
redis.call('HINCRBY', webhook_key, 'version', 1)
if reason == '' then
  redis.call('HDEL', webhook_key, 'off', 'failing_us')
  emit(engine, 'webhook.switched_on', 'webhook', id)
else
  redis.call('HSET', webhook_key, 'off', reason)
  emit(engine, 'webhook.switched_off', 'webhook', id, 'reason', reason)
end
return 1
