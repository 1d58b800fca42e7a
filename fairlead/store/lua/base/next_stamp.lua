-- next_stamp: a number that rises with every call and never repeats, near the engine's time in microseconds.
-- It orders arrivals and fences holders. A counter alone would repeat after Redis lost its last writes.
-- USES text_of
local function next_stamp(engine)
  engine.stamp = math.max(engine.stamp + 1, engine.now_us)
  redis.call('HSET', engine.instance_key, 'stamp', text_of(engine.stamp))
  return engine.stamp
end
