-- carry_on: write the calendar of hours of operation that a sweeper has brought, unless the hours have changed since it
-- was asked for. `arguments`, behind `place`: the name of the hours, their text, then values as write_calendar takes
-- them. Within all_then_match.
-- USES key_of open_queues write_calendar
local function carry_on(engine, arguments, place)
  local hours, text = arguments[place + 1], arguments[place + 2]
  if redis.call('HGET', key_of(engine, 'calendars'), hours) ~= text then return end
  local values = {}
  for from = place + 3, #arguments do values[#values + 1] = arguments[from] end
  write_calendar(engine, hours, values)
  open_queues(engine)
end
