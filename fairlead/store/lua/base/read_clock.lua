-- read_clock: the engine's time: Redis' TIME and the offset, as long as TIME is what was known last lets expect.
-- Workers sweep every second. When TIME is behind the last sweep, or far ahead of it and of the last stamp, either the
-- clock was set or nobody has swept; a script cannot tell which, and doubts (doubt_clock).
-- Returns the time, and the clock: raw_us, offset_us, swept_us (TIME at the last sweep), is_doubted, and
-- doubt_raw_us and doubt_us, TIME and the engine's time when the doubt began, where somebody has looked (read_doubt).
-- KNOWS PAUSE_US
-- RARELY doubt_clock has_sessions
local function read_clock(engine, offset_us, swept_us)
  local time = redis.call('TIME')
  local raw_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local clock = {
    raw_us = raw_us, offset_us = offset_us and tonumber(offset_us) or 0, swept_us = tonumber(swept_us) or raw_us,
  }
  local believed_us, known_us = raw_us + clock.offset_us, clock.swept_us + clock.offset_us
  local is_ahead = believed_us >= known_us
  if engine.stamp > known_us and engine.stamp <= (is_ahead and believed_us or known_us + PAUSE_US) then
    known_us = engine.stamp
  end
  if is_ahead and (believed_us <= known_us + PAUSE_US or not has_sessions(engine)) then return believed_us, clock end
  return doubt_clock(engine, clock, believed_us, known_us, is_ahead)
end
