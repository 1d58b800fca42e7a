-- count_anew: count in another minute than was counted in last. A past one may have been added to the totals already;
-- then so is this, and it does not become the minute that was counted in last.
-- KNOWS MEASURES_KEPT_S
-- USES key_of
local function count_anew(engine, minute, field, amount)
  local minute_key = key_of(engine, 'minute', minute)
  local row = redis.call('HMGET', engine.instance_key, 'closed_minute', 'measures_kept_s')
  if not row[1] then redis.call('HSET', engine.instance_key, 'closed_minute', engine.current_minute) end
  redis.call('HINCRBY', minute_key, field, amount)
  redis.call('EXPIRE', minute_key, row[2] or MEASURES_KEPT_S)
  if tonumber(minute) < tonumber(row[1] or engine.current_minute) then
    redis.call('HINCRBY', key_of(engine, 'totals'), field, amount)
  elseif minute == engine.current_minute then
    engine.minute, engine.minute_key = minute, minute_key
    redis.call('HSET', engine.instance_key, 'minute', minute)
  end
end
