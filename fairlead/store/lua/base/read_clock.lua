-- read_clock: the engine's time: Redis' TIME and the offset, as long as TIME is what was known last lets expect.
-- Workers sweep every second. When TIME is behind the last sweep, or far ahead of it and of the last stamp, either the
-- clock was set or nobody has swept; a script cannot tell which, and doubts (doubt_clock).
-- Time is no earlier than the last stamp, unless that is too far ahead to be believed: a sweep in doubt may know of
-- more time than others (judge_clock), and TIME may be set back by less than has passed since the last sweep.
-- Returns the time, and the clock: raw_us, offset_us, swept_us (TIME at the last sweep), is_doubted, and
-- doubt_raw_us and doubt_us, TIME and the engine's time when the doubt began, where somebody has looked (read_doubt).
-- KNOWS PAUSE_US
-- RARELY doubt_clock has_sessions melt
local function read_clock(engine, offset_us, swept_us)
  local time = redis.call('TIME')
  local raw_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local clock = {
    raw_us = raw_us, offset_us = offset_us and tonumber(offset_us) or 0, swept_us = tonumber(swept_us) or raw_us,
  }
  local known_us = clock.swept_us + clock.offset_us
  if clock.offset_us ~= 0 then melt(clock) end
  local believed_us = raw_us + clock.offset_us
  local is_ahead, stamp_us = believed_us >= known_us, 0
  if engine.stamp <= (is_ahead and believed_us or known_us) + PAUSE_US then stamp_us = engine.stamp end
  if stamp_us > known_us then known_us = is_ahead and math.min(stamp_us, believed_us) or stamp_us end
  local now_us = believed_us
  if not is_ahead or believed_us > known_us + PAUSE_US and has_sessions(engine) then
    now_us = doubt_clock(engine, clock, believed_us, known_us, is_ahead)
  end
  return math.max(now_us, stamp_us), clock
end
