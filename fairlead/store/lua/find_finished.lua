-- find_finished: what agents hold of which their programs know no more: it was ended, and Redis has lost that, with its
-- last writes. Changes nothing.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV*   agent     str   the agent's name
-- ARGV*   epoch     int   its session
-- ARGV*   last_token int  the highest token that the session knows
-- ARGV*   handled   str   the tokens of what its program has begun and not ended yet, each with a space behind it
-- REPLY   agent, contact and token of each
-- USES    key_of holds_contact read_slots
-- FLAGS   allow-oom no-writes
local engine, found = { prefix = string.match(instance_key, '^(.*:)') }, {}
for place = REST + 1, #ARGV, 4 do
  local agent_key = key_of(engine, 'agent', ARGV[place])
  local slots = redis.call('HGET', agent_key, 'slots')  -- first: most who are looked at hold nothing
  if slots and slots ~= '' and redis.call('HGET', agent_key, 'epoch') == ARGV[place + 1] then
    for _, slot in ipairs(read_slots(slots)) do
      local is_known = tonumber(slot.token) <= tonumber(ARGV[place + 2]) and holds_contact(slot.kind)
      if is_known and not string.find(ARGV[place + 3], slot.token .. ' ', 1, true) then
        found[#found + 1], found[#found + 2], found[#found + 3] = ARGV[place], slot.contact, slot.token
      end
    end
  end
end
return found
