-- calendar_due: a calendar is to be carried on: the sweeper is asked for it, one in a sweep, and brings it with its
-- next sweep (carry_on). When it does not, whoever sweeps is asked a day later.
-- USES due_of key_of text_of
local function calendar_due(engine, hours)
  local DAY_US, SECOND_US = 86400000000, 1000000
  local text = redis.call('HGET', key_of(engine, 'calendars'), hours)
  if not text then return end
  local later_us = engine.asks and SECOND_US or DAY_US
  engine.asks = engine.asks or { hours, text, text_of(engine.now_us) }
  redis.call('ZADD', key_of(engine, 'due'), text_of(engine.now_us + later_us), due_of('calendar', hours))
end
