-- rerank: a contact that waits or is being offered gets another place in the line of its queue: back, behind all that
-- are there; front, before all of its priority; keep, the place that it has. Other criteria begin now. An age
-- adjustment goes with the place. Its wait, its delay and its expiry are as they were.
-- EMITS contact.updated contact queue channel priority rank_us changed
-- USES digits_of emit enter_offered key_of leave_line line_up next_stamp own_expiry place_of set_criteria
local function rerank(engine, contact, rank, criteria)
  local offered_key = contact.state == 'offered' and key_of(engine, 'offered', contact.queue, contact.channel)
  local changed = rank ~= 'keep' and 'rank' or ''
  if criteria ~= '' then changed = changed == '' and 'criteria' or 'rank criteria' end
  if changed == '' then return end
  if offered_key then
    redis.call('ZREM', offered_key, place_of(contact))
  else
    leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact))
  end
  if rank ~= 'keep' then
    own_expiry(engine, contact)
    contact.rank = rank == 'back' and digits_of(next_stamp(engine)) or digits_of(0)
    contact.age_us = 0
    redis.call('HDEL', contact.key, 'age_us')
    redis.call('HSET', contact.key, 'rank', contact.rank, 'queued_us', contact.queued_us)
  end
  if criteria ~= '' then set_criteria(engine, contact, criteria) end
  emit(engine, 'contact.updated', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'priority', contact.priority, 'rank_us', contact.rank, 'changed', changed)
  if offered_key then
    enter_offered(engine, contact)
  else
    line_up(engine, contact)
  end
end
