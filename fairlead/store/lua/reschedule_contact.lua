-- reschedule_contact: a scheduled contact, or a callback that is to come, enters its queue at another time; how long it
-- may wait there stays. A time that has passed is now.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    start_us  int   when it is to enter its queue
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- ERRORS  START_TOO_FAR id seconds
-- EMITS   contact.scheduled contact queue channel due_us reason
-- KNOWS   LONGEST_SCHEDULE_S
-- USES    open_engine read_contact due_of emit key_of text_of
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
if contact.state ~= 'scheduled' then return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state) end
local ahead_us = tonumber(start_us) - engine.now_us
if ahead_us > LONGEST_SCHEDULE_S * 1000000 then
  return redis.error_reply('START_TOO_FAR ' .. id .. ' ' .. text_of(ahead_us / 1000000))
end
local due_key, member = key_of(engine, 'due'), due_of('start', id)
local before_us = tonumber(redis.call('ZSCORE', due_key, member))
local later_us = tonumber(start_us) - before_us
if later_us == 0 then return 1 end

redis.call('ZADD', due_key, start_us, member)
if contact.expires_us ~= 'never' then
  redis.call('HSET', contact.key, 'expires_us', text_of(contact.expires_us + later_us))
end
emit(engine, 'contact.scheduled', 'contact', id, 'queue', contact.queue, 'channel', contact.channel,
  'due_us', start_us, 'reason', 'rescheduled')
return 1
