-- update_contact: change a contact's priority, age adjustment or routing criteria while it waits, and its attributes as
-- long as its record is kept. It acts at once; what is as it was changes nothing.
-- REQUEST
-- KEYS    instance    hash  the instance's stamp and settings
-- ARGV    id          str   the contact's id
-- ARGV    priority    int   the new contact priority; empty: as it is
-- ARGV    age_us      int   the new age adjustment; empty: as it is
-- ARGV    criteria    str   the new routing steps, as push_contacts has them; "-": none; empty: as they are
-- ARGV    now_us      int   empty: Redis' time
-- ARGV    actor       str   who asks, for the events; empty: nobody says
-- ARGV*   attribute   str   the name of an attribute that changes; the others stay
-- ARGV*   value       str   its value, as JSON; empty: it is removed
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- ERRORS  TOO_MANY_ATTRIBUTES id attributes
-- EMITS   contact.updated contact queue channel priority rank_us changed
-- KNOWS   MOST_ATTRIBUTES WAITING
-- USES    open_engine read_contact leave_line merge_attributes own_expiry place_of key_of emit line_up digits_of
--         set_criteria enter_offered
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
local is_ranked = priority .. age_us .. criteria ~= ''
if is_ranked and not WAITING[contact.state] then
  return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state)
end
local before, changes, changed = redis.call('HGET', contact.key, 'attributes') or '', {}, {}
for place = REST + 1, #ARGV do changes[place - REST] = ARGV[place] end
local attributes, differ = merge_attributes(before, changes)
if #attributes > MOST_ATTRIBUTES then
  return redis.error_reply('TOO_MANY_ATTRIBUTES ' .. id .. ' ' .. #attributes)
end
local is_new_priority = priority ~= '' and priority ~= contact.priority
local is_new_age = age_us ~= '' and tonumber(age_us) ~= contact.age_us
local is_new_criteria = criteria ~= '' and criteria ~= (contact.criteria or '-')
if is_new_priority then changed[#changed + 1] = 'priority' end
if is_new_age then changed[#changed + 1] = 'age_adjustment' end
if is_new_criteria then changed[#changed + 1] = 'criteria' end
local moves = #changed > 0
for _, name in ipairs(differ) do changed[#changed + 1] = 'attribute:' .. name end
if #changed == 0 then return 1 end

local is_queued, is_offered = moves and contact.state == 'queued', moves and contact.state == 'offered'
local offered_key = key_of(engine, 'offered', contact.queue, contact.channel)
if is_queued then leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact)) end
if is_offered then redis.call('ZREM', offered_key, place_of(contact)) end
if is_new_priority then contact.priority = priority end
if is_new_age then
  local unadjusted_us = tonumber(contact.rank) + contact.age_us
  contact.age_us = tonumber(age_us)
  contact.rank = digits_of(unadjusted_us - contact.age_us)
  redis.call('HSET', contact.key, 'age_us', age_us)
  own_expiry(engine, contact)
end
if is_new_criteria then set_criteria(engine, contact, criteria) end
if moves then redis.call('HSET', contact.key, 'priority', contact.priority, 'rank', contact.rank) end
if is_queued or is_offered then redis.call('HSET', contact.key, 'queued_us', contact.queued_us) end
if differ[1] then redis.call('HSET', contact.key, 'attributes', table.concat(attributes, '\n')) end
emit(engine, 'contact.updated', 'contact', id, 'queue', contact.queue, 'channel', contact.channel,
  'priority', contact.priority, 'rank_us', contact.rank, 'changed', table.concat(changed, ' '))
if is_offered then enter_offered(engine, contact) end
if is_queued then line_up(engine, contact) end
return 1
