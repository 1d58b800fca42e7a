-- leave_offer: a contact is no longer being offered; its slot is the caller's.
-- USES key_of place_of due_of
local function leave_offer(engine, contact)
  redis.call('ZREM', key_of(engine, 'offered', contact.queue, contact.channel), place_of(contact))
  redis.call('ZREM', key_of(engine, 'due'), due_of('offer', contact.id))
end
