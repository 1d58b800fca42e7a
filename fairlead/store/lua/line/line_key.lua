-- line_key: the sorted set in which contacts of a queue and channel wait; those that ask the same of an agent wait in a
-- track of their own. A track whose name ends with "-" is for contacts that rank younger than they are.
-- What is being offered has a set of its own.
-- KNOWS OFFERED_TRACK
-- USES key_of
local function line_key(engine, queue, channel, track)
  local plain = key_of(engine, 'waiting', queue, channel)
  if track == '' then return plain end
  if track == OFFERED_TRACK then return key_of(engine, 'offered', queue, channel) end
  return plain .. ':' .. track
end
