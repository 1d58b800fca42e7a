-- next_stamp: a number that rises with every call and never repeats, near the engine's time in microseconds.
-- It orders arrivals and fences holders. Returns it as a number and as text. A counter alone would repeat after Redis
-- lost its last writes.
-- USES now_text
-- RARELY text_of
local function next_stamp(engine)
  engine.stamp = math.max(engine.stamp + 1, engine.now_us)
  local text = engine.stamp == engine.now_us and now_text(engine) or text_of(engine.stamp)
  redis.call('HSET', engine.instance_key, 'stamp', text)
  return engine.stamp, text
end
