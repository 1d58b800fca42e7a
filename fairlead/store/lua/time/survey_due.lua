-- survey_due: a queue has got an expiry while contacts waited in it; those of each priority of a line are watched from
-- now on, one priority at a time. `name`: the line, and the priority before, with a blank between them.
-- USES due_of key_of line_key read_line read_place text_of watch_line
local function survey_due(engine, name, due_us)
  local line, before = string.match(name, '^(%S+) (%S+)$')
  local queue, channel, track = read_line(line)
  local keys, first = { line_key(engine, queue, channel, track) }, nil
  if track == '' then keys[2] = key_of(engine, 'offered', queue, channel) end
  for _, key in ipairs(keys) do
    local row = redis.call('ZRANGE', key, '(' .. before, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
    local place = row[1] and read_place(queue, channel, track, row[1], row[2])
    if place and (not first or place.priority < first.priority) then first = place end
  end
  if not first then return end
  watch_line(engine, {
    queue = queue, channel = channel, priority = first.priority, queued_us = tonumber(first.rank),
  }, track)
  redis.call('ZADD', key_of(engine, 'due'), text_of(due_us), due_of('survey', line .. ' ' .. text_of(first.priority)))
end
