-- lanes_of: the lanes in use of a queue and channel, as {lane, expression, ...}; none for most. The store keeps them by
-- what they hold: the expression, behind "<" when it is the lane of contacts that rank younger than they are.
-- USES key_of
local function lanes_of(engine, queue, channel)
  local pair, found = queue .. ':' .. channel, {}
  if not string.find(engine.laned, ' ' .. pair .. ' ', 1, true) then return found end
  local row = redis.call('HGETALL', key_of(engine, 'lanes', pair))
  for place = 1, #row, 2 do
    found[place], found[place + 1] = row[place + 1], string.gsub(row[place], '^<', '')
  end
  return found
end
