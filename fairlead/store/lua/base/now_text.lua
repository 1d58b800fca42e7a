-- now_text: the engine's time as text, written once for each time.
-- USES text_of
local function now_text(engine)
  if engine.written_us ~= engine.now_us then
    engine.written_us, engine.written = engine.now_us, text_of(engine.now_us)
  end
  return engine.written
end
