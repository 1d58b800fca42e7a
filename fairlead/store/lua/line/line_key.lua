-- line_key: the sorted set in which contacts of a queue and channel wait; those that ask the same of an agent wait in a
-- lane of their own. A lane whose name ends with "-" is for contacts that rank younger than they are.
-- USES key_of
local function line_key(engine, queue, channel, lane)
  local plain = key_of(engine, 'waiting', queue, channel)
  if lane == '' then return plain end
  return plain .. ':' .. lane
end
