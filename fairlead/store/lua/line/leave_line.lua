-- leave_line: take a contact out of its place in line; an empty lane ends.
-- KNOWS PAUSE_LANE
-- USES count_own key_of line_key
local function leave_line(engine, queue, channel, lane, member)
  local line = line_key(engine, queue, channel, lane)
  redis.call('ZREM', line, member)
  if string.sub(queue, 1, 1) == '@' then count_own(engine, queue, -1) end
  if lane == '' or lane == PAUSE_LANE or redis.call('EXISTS', line) == 1 then return end
  local pair = queue .. ':' .. channel
  local lanes_key = key_of(engine, 'lanes', pair)
  local row = redis.call('HGETALL', lanes_key)
  for place = 1, #row, 2 do
    if row[place + 1] == lane then redis.call('HDEL', lanes_key, row[place]) end
  end
  if #row > 2 then return end
  local first, last = string.find(engine.laned, ' ' .. pair .. ' ', 1, true)
  engine.laned = string.sub(engine.laned, 1, first) .. string.sub(engine.laned, last + 1)
  redis.call('HSET', engine.instance_key, 'laned', engine.laned)
end
