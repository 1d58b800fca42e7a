-- count_apart: one contact more (by = 1) or less (-1) of a queue is scheduled or parked: it is in no line, and its
-- queue is in use.
-- USES key_of
local function count_apart(engine, queue, by)
  local apart_key = key_of(engine, 'apart')
  if redis.call('HINCRBY', apart_key, queue, by) == 0 then redis.call('HDEL', apart_key, queue) end
end
