-- count: add to a counter of a subject, `queue:channel` or an agent, in a minute: the current one unless given.
-- `minute` of the engine is the one that was counted in last, by whatever script. Where the engine has a `tally`, what
-- counts in the current minute is put together there, and count_all writes it.
-- KNOWS MINUTE_US
-- USES key_of text_of
-- RARELY count_anew
local function count(engine, subject, counter, by, minute)
  local field = subject .. ' ' .. counter
  if engine.tally and not minute then
    engine.tally[field] = (engine.tally[field] or 0) + (by or 1)
    return
  end
  local amount = by and text_of(by) or '1'
  if not engine.current_minute then
    engine.current_minute = text_of(math.floor(engine.now_us / MINUTE_US))
    engine.minute_key = key_of(engine, 'minute', engine.minute)
  end
  minute = minute and text_of(minute) or engine.current_minute
  if minute ~= engine.minute then return count_anew(engine, minute, field, amount) end
  redis.call('HINCRBY', engine.minute_key, field, amount)
end
