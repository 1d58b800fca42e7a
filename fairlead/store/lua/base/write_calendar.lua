-- write_calendar: when hours of operation begin and end from now on, as `values`: time in us, "us:1" or "us:0".
-- It is to be carried on long before it ends.
-- KNOWS VALUES_AT_ONCE CALENDAR_AGAIN_S
-- USES due_of key_of text_of
local function write_calendar(engine, hours, values)
  local calendar_key = key_of(engine, 'hours', hours)
  redis.call('DEL', calendar_key)
  for first = 1, #values, VALUES_AT_ONCE do
    redis.call('ZADD', calendar_key, unpack(values, first, math.min(first + VALUES_AT_ONCE - 1, #values)))
  end
  redis.call('ZADD', key_of(engine, 'due'), text_of(engine.now_us + CALENDAR_AGAIN_S * 1000000),
    due_of('calendar', hours))
end
