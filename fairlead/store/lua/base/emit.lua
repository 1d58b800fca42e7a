-- emit: write one event to the stream; `...` are field, value pairs, never a byte of a payload.
-- USES key_of text_of
local function emit(engine, name, ...)
  redis.call('XADD', key_of(engine, 'events'), 'MAXLEN', '~', engine.events_kept, '*',
    'event', name, 'at_us', text_of(engine.now_us), ...)
end
