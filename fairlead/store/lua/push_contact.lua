-- push_contact: put a contact into its queue and, when an agent is free for it, give it to the one available longest.
-- KEYS    instance           hash   the instance's stamp and settings
-- KEYS    contact            hash   the contact's record
-- KEYS    payload            string what the producer sent
-- KEYS    owner              hash   the queue's settings, or the agent's record when it is an agent queue
-- ARGV    id                 str    the contact's id
-- ARGV    queue              str    the queue's name, or @agent
-- ARGV    channel            str    voice, chat, task or email
-- ARGV    priority           int    contact priority, 1 is the highest
-- ARGV    age_adjustment_us  int    how much older than its arrival the contact ranks
-- ARGV    digest             str    of everything the producer gave; tells a repetition from another contact
-- ARGV    body               bytes  the payload
-- ARGV    now_us             int    empty: Redis' time
-- REPLY   created (0 or 1), the contact's state
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  CONTACT_EXISTS id
-- USES    open_engine next_stamp count emit line_up
local known = redis.call('HMGET', contact_key, 'digest', 'state')
if known[1] == digest then return { 0, known[2] } end
if known[1] then return redis.error_reply('CONTACT_EXISTS ' .. id) end
if redis.call('EXISTS', owner_key) == 0 then
  local owner = string.match(queue, '^@(.+)$')
  if owner then return redis.error_reply('UNKNOWN_AGENT ' .. owner) end
  return redis.error_reply('UNKNOWN_QUEUE ' .. queue)
end

local engine = open_engine(instance_key, now_us)
local queued_us = next_stamp(engine)
local rank = string.format('%016.0f', math.max(0, queued_us - tonumber(age_adjustment_us)))
local contact = {
  id = id, queue = queue, channel = channel, priority = priority, rank = rank,
  queued_us = string.format('%016.0f', queued_us),
}
redis.call('HSET', contact_key, 'state', 'queued', 'queue', queue, 'channel', channel, 'priority', priority,
  'rank', rank, 'digest', digest)
if contact.queued_us ~= rank then redis.call('HSET', contact_key, 'queued_us', contact.queued_us) end
redis.call('SET', payload_key, body)
count(engine, contact, 'queued')
emit(engine, 'contact.queued', 'contact', id, 'queue', queue, 'channel', channel, 'priority', priority,
  'rank_us', rank, 'queued_us', contact.queued_us)
line_up(engine, contact)
return { 1, redis.call('HGET', contact_key, 'state') }
