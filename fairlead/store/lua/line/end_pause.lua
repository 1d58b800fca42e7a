-- end_pause: a contact's pause after a failed attempt is over: its time has passed, or it is given to an agent by hand.
-- USES key_of due_of
local function end_pause(engine, contact)
  redis.call('HDEL', contact.key, 'again_us')
  redis.call('ZREM', key_of(engine, 'due'), due_of('pause', contact.id))
  contact.again_us = nil
end
