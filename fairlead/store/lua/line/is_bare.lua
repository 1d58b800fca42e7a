-- is_bare: whether a contact that waits has nothing but what each has: a state, a queue, a channel, a priority, a rank
-- and a digest. The number of its fields tells it.
-- KNOWS BARE_FIELDS
local function is_bare(contact_key)
  return redis.call('HLEN', contact_key) == BARE_FIELDS
end
