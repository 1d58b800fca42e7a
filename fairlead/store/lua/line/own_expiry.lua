-- own_expiry: what its queue says of a contact's expiry becomes the contact's own: it leaves that queue, does not wait
-- all the time, or ranks by another time. It stands in no place, since its place shows whether it has one of its own.
-- USES expiry_of text_of
local function own_expiry(engine, contact)
  if contact.expires_us then return end
  local wait_us = expiry_of(engine, contact.queue, contact.channel)
  contact.expires_us = wait_us > 0 and text_of(tonumber(contact.queued_us) + wait_us) or 'never'
  redis.call('HSET', contact.key, 'expires_us', contact.expires_us)
end
