-- request_callback: the customer of a waiting contact asks to be called back: it leaves the queue, and is due again
-- after the initial delay, in the same or another queue, with the rank of its start and its routing criteria kept. It
-- keeps its place when the queue would not take it now, be it a fifth beyond its limit.
-- REQUEST
-- KEYS    instance   hash  the instance's stamp and settings
-- ARGV    id         str   the contact's id
-- ARGV    queue      str   the queue of the callback; empty: the one in which it waits
-- ARGV    delay_us   int   until the first attempt
-- ARGV    retry_us   int   between two attempts
-- ARGV    retries    int   how many attempts follow the first
-- ARGV    expiry_us  int   how long the callback may wait
-- ARGV    now_us     int   empty: Redis' time
-- ARGV    actor      str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  QUEUE_FULL queue limit
-- ERRORS  QUEUE_DISABLED queue
-- ERRORS  QUEUE_CLOSED queue
-- ERRORS  QUEUE_UNSTAFFED queue when
-- EMITS   contact.scheduled contact queue channel due_us reason
-- KNOWS   IN_QUEUE
-- USES    open_engine read_contact admit leave_wait count count_apart bucket_of key_of emit text_of go_on due_of
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
local asked = table.concat({ queue, delay_us, retry_us, retries, expiry_us }, ' ')
if redis.call('HGET', contact.key, 'asked') == asked then return 1 end
if not IN_QUEUE[contact.state] then
  return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state)
end
local target = queue == '' and contact.queue or queue
local is_taken, refusal = admit(engine, target, true, true, nil, nil, target == contact.queue and 1 or 0)
if not is_taken then return redis.error_reply(refusal) end

local agents = leave_wait(engine, contact)
count(engine, contact.queue .. ':' .. contact.channel, 'c' .. bucket_of(engine.now_us - contact.entered_us))
local due_us, due_key = text_of(engine.now_us + tonumber(delay_us)), key_of(engine, 'due')
redis.call('HSET', contact.key, 'state', 'scheduled', 'queue', target, 'channel', 'voice', 'direction', 'outbound',
  'callback', retry_us .. ' ' .. retries .. ' ' .. expiry_us, 'unanswered', 0, 'asked', asked,
  'expires_us', text_of(tonumber(due_us) + tonumber(expiry_us)))
redis.call('HDEL', contact.key, 'refused')
redis.call('ZADD', due_key, due_us, due_of('start', id))
count_apart(engine, target, 1)
emit(engine, 'contact.scheduled', 'contact', id, 'queue', target, 'channel', 'voice', 'due_us', due_us,
  'reason', 'callback')
go_on(engine, agents)
return 1
