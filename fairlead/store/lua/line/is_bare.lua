-- is_bare: whether a contact that waits has nothing but what each has: a state, a queue, a channel, a priority, a rank,
-- and, where its producer chose its id, a digest.
-- KNOWS PLAIN_FIELDS
local function is_bare(contact_key)
  local many = redis.call('HLEN', contact_key)
  return many == PLAIN_FIELDS or many == PLAIN_FIELDS + 1 and redis.call('HEXISTS', contact_key, 'digest') == 1
end
