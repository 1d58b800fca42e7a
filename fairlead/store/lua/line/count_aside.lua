-- count_aside: one contact more (by = 1) or less (-1) of a queue and channel waits in a track, or in a pause.
-- USES key_of
local function count_aside(engine, queue, channel, by)
  local aside_key, pair = key_of(engine, 'aside'), queue .. ':' .. channel
  if redis.call('HINCRBY', aside_key, pair, by) == 0 then redis.call('HDEL', aside_key, pair) end
end
