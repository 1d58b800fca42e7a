-- start_contact: a scheduled contact or callback is due: it enters its queue, or one that the queue overflows to; when
-- none takes it, it is parked. A callback keeps the rank of the contact that it began as. Within all_then_match one
-- that its queue does not take waits until all others are matched: agents may take what fills the queue now.
-- USES admit count_apart enqueue next_stamp park
local function start_contact(engine, contact)
  local target, refusal = admit(engine, contact.queue, true, not engine.later, contact.channel)
  if not target and engine.later then
    table.insert(engine.later.starts, contact)
    return
  end
  count_apart(engine, contact.queue, -1)
  if not target then
    redis.call('HSET', contact.key, 'unqueued', '1')
    return park(engine, contact, 'refused', string.match(refusal, '^%S+'))
  end
  contact.queue = target.name
  local queued_us = next_stamp(engine)
  enqueue(engine, contact, queued_us, contact.callback and tonumber(contact.rank) or queued_us - contact.age_us)
end
