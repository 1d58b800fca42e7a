-- rotate_webhook: an endpoint gets a new secret. Each one before signs, too, until a while after it was replaced, so
-- that asking twice takes no secret away that a receiver may have.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    webhook   hash  the endpoint's record
-- ARGV    id        str   the endpoint's id
-- ARGV    secret    str   the new one
-- ARGV    signs_s   int   how long the one before signs, too
-- ARGV    most      int   how many before it may sign
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_WEBHOOK id
-- EMITS   webhook.rotated webhook
-- USES    open_engine emit text_of
local had = redis.call('HMGET', webhook_key, 'secret', 'old_secrets')
if not had[1] then return redis.error_reply('UNKNOWN_WEBHOOK ' .. id) end
local engine = open_engine(instance_key, now_us, actor)
local old = {had[1] .. ' ' .. text_of(engine.now_us + signs_s * 1000000)}
for one, ends_us in string.gmatch(had[2] or '', '(%S+) (%d+)') do
  if tonumber(ends_us) > engine.now_us and #old < tonumber(most) then old[#old + 1] = one .. ' ' .. ends_us end
end
redis.call('HSET', webhook_key, 'secret', secret, 'old_secrets', table.concat(old, ' '))
emit(engine, 'webhook.rotated', 'webhook', id)
return 1
