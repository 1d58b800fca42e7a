-- leave_line: take a contact out of its place in line; an empty track ends.
-- KNOWS PAUSE_TRACK
-- USES key_of line_key
-- RARELY count_aside count_own forget_line save_special without_word
local function leave_line(engine, queue, channel, track, member)
  if engine.seen then engine.seen = {} end
  local line = line_key(engine, queue, channel, track)
  redis.call('ZREM', line, member)
  if track ~= '' then count_aside(engine, queue, channel, -1) end
  if string.sub(queue, 1, 1) == '@' then count_own(engine, queue, -1) end
  if track == '' or track == PAUSE_TRACK or redis.call('EXISTS', line) == 1 then return end
  local pair = queue .. ':' .. channel
  forget_line(engine, pair .. ':' .. track)
  local tracks_key = key_of(engine, 'tracks', pair)
  local row = redis.call('HGETALL', tracks_key)
  for place = 1, #row, 2 do
    if row[place + 1] == track then redis.call('HDEL', tracks_key, row[place]) end
  end
  if #row > 2 then return end
  engine.tracked = without_word(engine.tracked, pair)
  save_special(engine)
end
