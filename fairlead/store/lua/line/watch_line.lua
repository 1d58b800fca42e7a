-- watch_line: a contact that expires when its queue says so stands in line or is being offered. It has no due time of
-- its own: within a line and a priority such contacts stand in the order in which they expire, so that `oldest` notes,
-- for each priority, since when at the earliest the first of them has waited, and `due`, when the line is to be looked
-- at. A contact that leaves changes neither; the line is looked at in vain, then. Those that are being offered are
-- watched with the plain line.
-- USES due_of expiry_of key_of text_of
local function watch_line(engine, contact, track)
  local wait_us = contact.wait_us or expiry_of(engine, contact.queue, contact.channel)
  if wait_us == 0 then return end
  local line = contact.queue .. ':' .. contact.channel .. (track == '' and '' or ':' .. track)
  local queued_us = tonumber(contact.queued_us)
  local mark = engine.seen and line .. ' ' .. contact.priority
  if mark then
    if engine.seen[mark] and engine.seen[mark] <= queued_us then return end
    engine.seen[mark] = queued_us
  end
  local priority = contact.priority
  if type(priority) == 'number' then priority = text_of(priority) end
  if redis.call('ZADD', key_of(engine, 'oldest', line), 'LT', 'CH', contact.queued_us, priority) == 1 then
    redis.call('ZADD', key_of(engine, 'due'), 'LT', text_of(queued_us + wait_us), due_of('line', line))
  end
end
