-- apply_hours: write the hours of operation that differ, and when those that are given begin and end. When the next
-- ones do is noted as queues open (open_queues).
-- USES due_of key_of write_calendar
local function apply_hours(engine, changes)
  local hours_key = key_of(engine, 'calendars')
  for hours, change in pairs(changes.hours) do
    if change.digest == '' then
      redis.call('HDEL', hours_key, hours)
      redis.call('DEL', key_of(engine, 'hours', hours))
      redis.call('ZREM', key_of(engine, 'due'), due_of('hours', hours), due_of('calendar', hours))
    else
      redis.call('HSET', hours_key, hours, change.values[1])
    end
  end
  for hours, values in pairs(changes.calendar) do
    write_calendar(engine, hours, values)
  end
  if next(changes.queue) or next(changes.calendar) then
    for _, hours in ipairs(redis.call('HKEYS', hours_key)) do
      redis.call('ZREM', key_of(engine, 'due'), due_of('hours', hours))
    end
  end
end
