-- count: add to a counter of a subject, `queue:channel` or an agent, in a minute: the current one unless given.
-- A past minute may have been added to the totals already; then so is this.
-- KNOWS MINUTE_US
-- USES key_of text_of
local function count(engine, subject, counter, by, minute)
  local current, field, amount = engine.current_minute, subject .. ' ' .. counter, by and text_of(by) or '1'
  if not current then
    current = math.floor(engine.now_us / MINUTE_US)
    engine.current_minute, engine.minute_key = current, key_of(engine, 'minute', text_of(current))
  end
  local minute_key = engine.minute_key
  if not minute then
    minute = current
  elseif minute ~= current then
    minute_key = key_of(engine, 'minute', text_of(minute))
  end
  if engine.closed_minute == 0 then
    engine.closed_minute = current
    redis.call('HSET', engine.instance_key, 'closed_minute', text_of(current))
  end
  redis.call('HINCRBY', minute_key, field, amount)
  if minute < engine.closed_minute then redis.call('HINCRBY', key_of(engine, 'totals'), field, amount) end
  if minute ~= engine.minute then
    redis.call('EXPIRE', minute_key, engine.measures_kept_s)
    if minute == current then
      engine.minute = minute
      redis.call('HSET', engine.instance_key, 'minute', text_of(minute))
    end
  end
end
