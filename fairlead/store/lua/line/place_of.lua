-- place_of: a contact's member in the sorted sets of its queue: its rank, then its id. A contact whose age is adjusted
-- also shows when it was really enqueued, and so stands behind one that came at the very time of its rank; so does a
-- contact that has an expiry of its own.
local function place_of(contact)
  if contact.queued_us == contact.rank and not contact.expires_us then return contact.rank .. contact.id end
  return contact.rank .. '~' .. contact.queued_us .. contact.id
end
