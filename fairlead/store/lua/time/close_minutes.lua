-- close_minutes: add the counters of minutes that are over to the totals: whole minutes, about so many counters at a
-- time. Returns whether there are more.
-- KNOWS COUNTERS_AT_ONCE COUNTERS_READ MEASURES_KEPT_S MINUTES_AT_ONCE MINUTE_US
-- USES key_of text_of
local function close_minutes(engine)
  local current, added = math.floor(engine.now_us / MINUTE_US), 0
  local row = redis.call('HMGET', engine.instance_key, 'closed_minute', 'measures_kept_s')
  local closed_minute = tonumber(row[1]) or current
  if closed_minute >= current then return false end
  local minute = math.max(closed_minute, current - math.ceil((tonumber(row[2]) or MEASURES_KEPT_S) / 60))
  local totals_key, last = key_of(engine, 'totals'), math.min(current, minute + MINUTES_AT_ONCE)
  while minute < last and added < COUNTERS_AT_ONCE do
    local row = redis.call('HGETALL', key_of(engine, 'minute', text_of(minute)))
    for first = 1, #row, 2 * COUNTERS_READ do
      local fields, sums = {}, {}
      for place = first, math.min(first + 2 * COUNTERS_READ, #row) - 1, 2 do fields[#fields + 1] = row[place] end
      local totals = redis.call('HMGET', totals_key, unpack(fields))
      for place, field in ipairs(fields) do
        local sum = tonumber(totals[place] or 0) + tonumber(row[first + 2 * place - 1])
        sums[2 * place - 1], sums[2 * place] = field, text_of(sum)
      end
      redis.call('HSET', totals_key, unpack(sums))
    end
    minute, added = minute + 1, added + #row / 2
  end
  redis.call('HSET', engine.instance_key, 'closed_minute', text_of(minute))
  if engine.minute ~= '' and tonumber(engine.minute) < minute then redis.call('HDEL', engine.instance_key, 'minute') end
  return minute < current
end
