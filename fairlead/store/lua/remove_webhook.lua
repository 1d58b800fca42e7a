-- remove_webhook: an endpoint is no more; what is still to be delivered to it is dropped.
-- REQUEST
-- KEYS    instance    hash    the instance's stamp and settings
-- KEYS    webhook     hash    the endpoint's record
-- KEYS    webhooks    set     all endpoints
-- KEYS    deliveries  stream  what was sent to it last
-- ARGV    id          str     the endpoint's id
-- ARGV    version     int     the one that it must have; empty: whichever it has
-- ARGV    now_us      int     empty: Redis' time
-- ARGV    actor       str     who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_WEBHOOK id
-- ERRORS  WEBHOOK_CHANGED id version expected
-- EMITS   webhook.removed webhook
-- USES    open_engine emit
-- FLAGS   allow-oom
local has = redis.call('HGET', webhook_key, 'version')
if not has then return redis.error_reply('UNKNOWN_WEBHOOK ' .. id) end
if version ~= '' and version ~= has then
  return redis.error_reply('WEBHOOK_CHANGED ' .. id .. ' ' .. has .. ' ' .. version)
end
local engine = open_engine(instance_key, now_us, actor)
redis.call('SREM', webhooks_key, id)
redis.call('DEL', webhook_key, deliveries_key)
emit(engine, 'webhook.removed', 'webhook', id)
return 1
