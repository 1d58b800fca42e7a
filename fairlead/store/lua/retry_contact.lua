-- retry_contact: put a parked contact back into its queue, at its original place, with its attempts forgiven. One that
-- had never entered its queue enters it now; one that has expired meanwhile may wait anew. It stays parked when its
-- queue would not take it, be it a fifth beyond its limit.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  QUEUE_FULL queue limit
-- ERRORS  QUEUE_DISABLED queue
-- ERRORS  QUEUE_CLOSED queue
-- ERRORS  QUEUE_UNSTAFFED queue when
-- ERRORS  WRONG_STATE id state
-- USES    open_engine key_of admit count_apart read_contact requeue enqueue expiry_of next_stamp own_expiry text_of
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
if contact.state ~= 'parked' and redis.call('HEXISTS', contact.key, 'retried') == 1 then return 1 end
if contact.state ~= 'parked' then return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state) end
local queue = contact.queue
local target, refusal = admit(engine, queue, true, false)
if not target then return redis.error_reply(refusal) end

count_apart(engine, contact.queue, -1)
redis.call('ZREM', key_of(engine, 'parked'), id)
redis.call('HSET', contact.key, 'attempts', 0, 'unanswered', 0, 'retried', '1')
redis.call('HDEL', contact.key, 'refused')
contact.attempts, contact.refused = 0, nil
own_expiry(engine, contact)
if contact.expires_us ~= 'never' and tonumber(contact.expires_us) <= engine.now_us then
  local wait_us = contact.callback and tonumber(string.match(contact.callback, '(%d+)$'))
    or tonumber(redis.call('HGET', contact.key, 'own_expiry_us') or expiry_of(engine, queue, contact.channel))
  contact.expires_us = wait_us > 0 and text_of(engine.now_us + wait_us) or 'never'
  redis.call('HSET', contact.key, 'expires_us', contact.expires_us)
end
if redis.call('HDEL', contact.key, 'unqueued') == 1 then
  local queued_us = next_stamp(engine)
  enqueue(engine, contact, queued_us, contact.callback and tonumber(contact.rank) or queued_us - contact.age_us)
else
  requeue(engine, contact, 'contact.requeued', 'retried')
end
return 1
