-- is_closed: whether a queue is closed now by its hours of operation.
-- USES key_of text_of
local function is_closed(engine, settings)
  if settings.hours == '' then return false end
  local last = redis.call('ZRANGE', key_of(engine, 'hours', settings.hours), text_of(engine.now_us), '-inf', 'BYSCORE',
    'REV', 'LIMIT', 0, 1)
  return last[1] ~= nil and string.sub(last[1], -1) == '0'
end
