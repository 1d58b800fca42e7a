-- switch_webhook_off: an endpoint gets no more events: by hand, or since nothing could be delivered for too long.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    webhook   hash  the endpoint's record
-- ARGV    id        str   the endpoint's id
-- ARGV    reason    str   in a word: gone, failing, by_hand
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1, or 0 when it was switched off before
-- ERRORS  UNKNOWN_WEBHOOK id
-- EMITS   webhook.switched_off webhook reason
-- USES    open_engine emit
-- FLAGS   allow-oom
if redis.call('EXISTS', webhook_key) == 0 then return redis.error_reply('UNKNOWN_WEBHOOK ' .. id) end
if redis.call('HEXISTS', webhook_key, 'off') == 1 then return 0 end
local engine = open_engine(instance_key, now_us, actor)
redis.call('HSET', webhook_key, 'off', reason)
emit(engine, 'webhook.switched_off', 'webhook', id, 'reason', reason)
return 1
