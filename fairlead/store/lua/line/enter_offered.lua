-- enter_offered: put a contact that is being offered into its place among those, after its rank, its priority or its
-- expiry has changed; it may expire while it rings.
-- USES due_of key_of place_of watch_line
local function enter_offered(engine, contact)
  redis.call('ZADD', key_of(engine, 'offered', contact.queue, contact.channel), contact.priority, place_of(contact))
  if not contact.expires_us then
    watch_line(engine, contact, '')
  elseif contact.expires_us ~= 'never' then
    redis.call('ZADD', key_of(engine, 'due'), contact.expires_us, due_of('expiry', contact.id))
  end
end
