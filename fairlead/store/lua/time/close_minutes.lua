-- close_minutes: add the counters of minutes that are over to the totals, in bounded numbers.
-- KNOWS MINUTE_US
-- USES key_of text_of
local function close_minutes(engine)
  local MOST, current = 500, math.floor(engine.now_us / MINUTE_US)
  if engine.closed_minute == 0 or engine.closed_minute >= current then return end
  local minute = math.max(engine.closed_minute, current - math.ceil(tonumber(engine.measures_kept_s) / 60))
  local last = math.min(current, minute + MOST)
  for one = minute, last - 1 do
    local row = redis.call('HGETALL', key_of(engine, 'minute', text_of(one)))
    for place = 1, #row, 2 do redis.call('HINCRBY', key_of(engine, 'totals'), row[place], row[place + 1]) end
  end
  engine.closed_minute = last
  redis.call('HSET', engine.instance_key, 'closed_minute', text_of(last))
end
