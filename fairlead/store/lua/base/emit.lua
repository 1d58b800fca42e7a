-- emit: write one event to the stream; `...` are field, value pairs, never a byte of a payload. Who did it is told
-- where somebody did: an event of a sweep has no actor.
-- USES key_of now_text
local function emit(engine, name, ...)
  local events_key, at_us = engine.events_key or key_of(engine, 'events'), now_text(engine)
  engine.events_key = events_key
  if engine.actor == '' then
    redis.call('XADD', events_key, 'MAXLEN', '~', engine.kept.events_kept, '*', 'event', name, 'at_us', at_us, ...)
  else
    redis.call('XADD', events_key, 'MAXLEN', '~', engine.kept.events_kept, '*', 'event', name, 'at_us', at_us,
      'actor', engine.actor, ...)
  end
end
