-- retry_contact: put a parked contact back into its queue, at its original place, with its attempts forgiven.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  WRONG_STATE id state
-- USES    open_engine key_of read_contact requeue
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
if contact.state ~= 'parked' then return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state) end
local is_agent_queue = string.sub(contact.queue, 1, 1) == '@'
if not is_agent_queue and redis.call('EXISTS', key_of(engine, 'queue', contact.queue)) == 0 then
  return redis.error_reply('UNKNOWN_QUEUE ' .. contact.queue)
end

redis.call('ZREM', key_of(engine, 'parked'), id)
redis.call('HSET', contact.key, 'attempts', 0, 'unanswered', 0)
contact.attempts, contact.unanswered = 0, 0
requeue(engine, contact, 'contact.requeued', 'retried')
return 1
