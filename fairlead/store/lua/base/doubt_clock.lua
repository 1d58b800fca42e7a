-- doubt_clock: the engine's time when TIME is not what was known last lets expect: it goes on from the last time that
-- is known, that of the last event at least, and notes since when. Doubt costs one write, and none when TIME is as
-- expected. It ends
--   with the next sweep that can tell (judge_clock);
--   at once, when TIME is ahead and nobody is signed in: then nobody sweeps, and no lease can be hurt;
--   after a pause in which nobody has judged, when TIME is ahead: no worker lives, so time has really passed.
-- A clock that was set back is never believed: time goes on from the last sweep at the new clock's pace.
-- KNOWS PAUSE_US
-- USES key_of read_doubt text_of
local function doubt_clock(engine, clock, believed_us, known_us, is_ahead)
  read_doubt(engine, clock)
  if not clock.doubt_us or clock.raw_us < clock.doubt_raw_us then
    local last = redis.call('XREVRANGE', key_of(engine, 'events'), '+', '-', 'COUNT', 1)[1]
    local told_us = last and tonumber(last[2][4]) or 0  -- event NAME at_us TIME ...
    if told_us > known_us and told_us <= (is_ahead and believed_us or known_us + PAUSE_US) then known_us = told_us end
    clock.doubt_raw_us, clock.doubt_us = clock.raw_us, known_us
    if not engine.only_reads then
      redis.call('HSET', engine.instance_key, 'doubt', text_of(clock.raw_us) .. ' ' .. text_of(known_us))
    end
  end
  local doubted_us = clock.raw_us - clock.doubt_raw_us
  if is_ahead and doubted_us > PAUSE_US then return believed_us end
  clock.is_doubted = true
  return clock.doubt_us + doubted_us
end
