-- read_clock: the engine's time: Redis' TIME and the offset, as long as TIME is what was known last lets expect.
-- Workers sweep every second. When TIME is behind the last sweep, or far ahead of it and of the last stamp, either the
-- clock was set or nobody has swept; a script cannot tell which, and doubts: it goes on from the last time that is
-- known, and notes since when. Doubt costs one write, and none when TIME is as expected. It ends
--   with the next sweep that can tell (judge_clock);
--   at once, when TIME is ahead and nobody is signed in: then nobody sweeps, and no lease can be hurt;
--   after a pause in which nobody has judged, when TIME is ahead: no worker lives, so time has really passed.
-- A clock that was set back is never believed: time goes on from the last sweep at the new clock's pace.
-- Returns the time, and the clock: raw_us, offset_us, swept_us (TIME at the last sweep), is_doubted, and
-- doubt_raw_us and doubt_us, TIME and the engine's time when the doubt began.
-- KNOWS PAUSE_US
-- USES text_of
-- RARELY has_sessions
local function read_clock(engine, offset_us, swept_us, doubt)
  local time = redis.call('TIME')
  local raw_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local clock = { raw_us = raw_us, offset_us = tonumber(offset_us) or 0, swept_us = tonumber(swept_us) or raw_us }
  if doubt then
    local since, from = string.match(doubt, '(%d+) (%d+)')
    clock.doubt_raw_us, clock.doubt_us = tonumber(since), tonumber(from)
  end
  local believed_us, known_us = raw_us + clock.offset_us, clock.swept_us + clock.offset_us
  local is_ahead = believed_us >= known_us
  if engine.stamp > known_us and engine.stamp <= (is_ahead and believed_us or known_us + PAUSE_US) then
    known_us = engine.stamp
  end
  if is_ahead and (believed_us <= known_us + PAUSE_US or not has_sessions(engine)) then return believed_us, clock end
  if not clock.doubt_us or raw_us < clock.doubt_raw_us then
    clock.doubt_raw_us, clock.doubt_us = raw_us, known_us
    if not engine.only_reads then
      redis.call('HSET', engine.instance_key, 'doubt', text_of(raw_us) .. ' ' .. text_of(known_us))
    end
  end
  local doubted_us = raw_us - clock.doubt_raw_us
  if is_ahead and doubted_us > PAUSE_US then return believed_us, clock end
  clock.is_doubted = true
  return clock.doubt_us + doubted_us, clock
end
