-- overflow_own: a contact waits in an agent's own queue: it is due when it has waited long enough to overflow, where
-- that queue does.
-- USES due_of key_of queue_settings text_of
local function overflow_own(engine, contact)
  local settings = queue_settings(engine, contact.queue)
  if not settings or settings.overflow == '' then return end
  redis.call('ZADD', key_of(engine, 'due'), text_of(contact.entered_us + settings.overflow_after_s * 1000000),
    due_of('own', contact.id))
end
