-- find_unseen: which agents hold a contact that their session has not seen: the hint in the worker's inbox was lost, or
-- ended before it was read. Changes nothing.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV*   agent     str   the agent's name
-- ARGV*   epoch     int   its session
-- ARGV*   last_token int  the highest token that the session knows
-- REPLY   the names of those agents
-- USES    key_of holds_contact
-- FLAGS   allow-oom no-writes
local engine, found = { prefix = string.match(instance_key, '^(.*:)') }, {}
for place = REST + 1, #ARGV, 3 do
  local name, last_token, is_unseen = ARGV[place], tonumber(ARGV[place + 2]), false
  local slots = redis.call('HGETALL', key_of(engine, 'slots', name))
  for one = 1, #slots, 2 do
    local kind = string.match(slots[one + 1], '%S+ (%S+)')
    is_unseen = is_unseen or (tonumber(slots[one]) > last_token and holds_contact(kind))
  end
  if is_unseen and redis.call('HGET', key_of(engine, 'agent', name), 'epoch') == ARGV[place + 1] then
    found[#found + 1] = name
  end
end
return found
