-- update_contact: change a contact's priority, age adjustment or attributes while it waits; it acts at once.
-- KEYS    instance    hash  the instance's stamp and settings
-- ARGV    id          str   the contact's id
-- ARGV    priority    int   the new contact priority; empty: as it is
-- ARGV    age_us      int   the new age adjustment; empty: as it is
-- ARGV    attributes  str   the new attributes, as JSON; empty: as they are
-- ARGV    now_us      int   empty: Redis' time
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- EMITS   contact.updated contact queue channel priority rank_us
-- KNOWS   WAITING
-- USES    open_engine read_contact leave_line place_of key_of emit line_up digits_of
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
local is_queued, is_offered = contact.state == 'queued', contact.state == 'offered'
if not WAITING[contact.state] then
  return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state)
end

if is_queued then leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact)) end
local offered_key = key_of(engine, 'offered', contact.queue, contact.channel)
if is_offered then redis.call('ZREM', offered_key, place_of(contact)) end
if priority ~= '' then contact.priority = priority end
if age_us ~= '' then
  local unadjusted_us = tonumber(contact.rank) + contact.age_us
  contact.age_us = tonumber(age_us)
  contact.rank = digits_of(unadjusted_us - contact.age_us)
  redis.call('HSET', contact.key, 'age_us', age_us)
end
redis.call('HSET', contact.key, 'priority', contact.priority, 'rank', contact.rank)
if contact.state ~= 'scheduled' then redis.call('HSET', contact.key, 'queued_us', contact.queued_us) end
if attributes ~= '' then redis.call('HSET', contact.key, 'attributes', attributes) end
emit(engine, 'contact.updated', 'contact', id, 'queue', contact.queue, 'channel', contact.channel,
  'priority', contact.priority, 'rank_us', contact.rank)
if is_offered then redis.call('ZADD', offered_key, contact.priority, place_of(contact)) end
if is_queued then line_up(engine, contact) end
return 1
