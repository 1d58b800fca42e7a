-- put_webhook: an endpoint of webhooks is made, and gets the events from now on; or one is changed. A change to what it
-- is already is none.
-- REQUEST
-- KEYS    instance  hash    the instance's stamp and settings
-- KEYS    webhook   hash    the endpoint's record
-- KEYS    webhooks  set     all endpoints
-- KEYS    events    stream  the events
-- KEYS    relayed   string  the last event that was handed on
-- ARGV    id        str     the endpoint's id
-- ARGV    version   int     the one that it must have; 0: it is to be made; empty: whichever it has
-- ARGV    url       str     where the events go
-- ARGV    names     str     how the names of its events begin, with spaces between; empty: all
-- ARGV    format    str     standard or cloudevents
-- ARGV    secret    str     of one that is to be made
-- ARGV    now_us    int     empty: Redis' time
-- ARGV    actor     str     who asks, for the events; empty: nobody says
-- REPLY   its version; 0 when it was to be made, and there is one
-- ERRORS  UNKNOWN_WEBHOOK id
-- ERRORS  WEBHOOK_CHANGED id version expected
-- EMITS   webhook.created webhook
-- EMITS   webhook.changed webhook changed
-- USES    open_engine emit text_of
local had = redis.call('HMGET', webhook_key, 'url', 'events', 'format', 'version')
local wanted = {'url', url, 'events', names, 'format', format}
if version == '0' and had[1] then return 0 end
if version ~= '0' and not had[1] then return redis.error_reply('UNKNOWN_WEBHOOK ' .. id) end
local changed = {}
for place = 1, 3 do
  if had[place] ~= wanted[2 * place] then changed[#changed + 1] = wanted[2 * place - 1] end
end
if had[1] and #changed == 0 then return tonumber(had[4]) end
if had[1] and version ~= '' and version ~= had[4] then
  return redis.error_reply('WEBHOOK_CHANGED ' .. id .. ' ' .. had[4] .. ' ' .. version)
end

local engine = open_engine(instance_key, now_us, actor)
redis.call('HSET', webhook_key, unpack(wanted))
if had[1] then
  emit(engine, 'webhook.changed', 'webhook', id, 'changed', table.concat(changed, ' '))
  return redis.call('HINCRBY', webhook_key, 'version', 1)
end
redis.call('HSET', webhook_key, 'version', 1, 'created_us', text_of(engine.now_us), 'secret', secret)
redis.call('SADD', webhooks_key, id)
emit(engine, 'webhook.created', 'webhook', id)
if redis.call('EXISTS', relayed_key) == 0 then
  redis.call('SET', relayed_key, redis.call('XREVRANGE', events_key, '+', '-', 'COUNT', 1)[1][1])
end
return 1
