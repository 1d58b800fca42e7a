-- find_unseen: which agents hold a contact that their session has not seen: the hint in the worker's inbox was lost, or
-- ended before it was read. Changes nothing.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV*   agent     str   the agent's name
-- ARGV*   epoch     int   its session
-- ARGV*   last_token int  the highest token that the session knows
-- REPLY   the names of those agents
-- USES    key_of holds_contact read_slots
-- FLAGS   allow-oom no-writes
local engine, found = { prefix = string.match(instance_key, '^(.*:)') }, {}
for place = REST + 1, #ARGV, 3 do
  local row = redis.call('HMGET', key_of(engine, 'agent', ARGV[place]), 'epoch', 'slots')
  for _, slot in ipairs(row[1] == ARGV[place + 1] and read_slots(row[2]) or {}) do
    if tonumber(slot.token) > tonumber(ARGV[place + 2]) and holds_contact(slot.kind) then
      found[#found + 1] = ARGV[place]
      break
    end
  end
end
return found
