-- emit: write one event to the stream; `...` are field, value pairs, never a byte of a payload. Who did it is told
-- where somebody did: an event of a sweep has no actor.
-- USES key_of text_of
local function emit(engine, name, ...)
  local events_key = key_of(engine, 'events')
  if engine.told_us ~= engine.now_us then engine.told_us, engine.at_us = engine.now_us, text_of(engine.now_us) end
  if engine.actor == '' then
    redis.call('XADD', events_key, 'MAXLEN', '~', engine.events_kept, '*', 'event', name, 'at_us', engine.at_us, ...)
  else
    redis.call('XADD', events_key, 'MAXLEN', '~', engine.events_kept, '*', 'event', name, 'at_us', engine.at_us,
      'actor', engine.actor, ...)
  end
end
