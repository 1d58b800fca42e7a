-- tracks_of: the tracks in use of a queue and channel, as {track, expression, ...}; none for most. The store keeps them
-- by what they hold: the expression, behind "<" when it is the track of contacts that rank younger than they are.
-- USES is_word key_of
local function tracks_of(engine, queue, channel)
  local pair, found = queue .. ':' .. channel, {}
  if not is_word(engine.tracked, pair) then return found end
  local row = redis.call('HGETALL', key_of(engine, 'tracks', pair))
  for place = 1, #row, 2 do
    found[place], found[place + 1] = row[place + 1], string.gsub(row[place], '^<', '')
  end
  return found
end
