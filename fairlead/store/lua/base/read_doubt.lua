-- read_doubt: when the clock is being doubted, TIME and the engine's time when that began, as `doubt_raw_us` and
-- `doubt_us` of the clock.
local function read_doubt(engine, clock)
  local doubt = redis.call('HGET', engine.instance_key, 'doubt')
  if not doubt then return end
  local since, from = string.match(doubt, '(%d+) (%d+)')
  clock.doubt_raw_us, clock.doubt_us = tonumber(since), tonumber(from)
end
