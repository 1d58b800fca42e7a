-- judge_clock: a sweep decides what the clock's movement means, and moves the offset when the clock was set.
-- `evidence` is what the sweeper's monotonic clock says, valid while nobody has moved the offset since it was taken:
--   told_us    TIME at its last sweep; empty: it has none
--   least_us   at least so long ago was that; time on the way can only make it longer
--   judged_us  when the offset had been moved last, as it was told then
--   jump_us    how much further TIME moved between its last two sweeps than can have passed; 0: it did not
-- TIME that moved less than `least_us` was set back, for certain. TIME that moved more may have been set, or the
-- request was late; the sweeper knows when it has the answer, and says so with its next sweep. Until then, time is
-- what has passed at least, for all (next_stamp). A jump is none when TIME has been settled since: then others have
-- swept all the while, and it was the sweeper's own clock that stood still, in a machine that slept. A sweeper without
-- evidence doubts as every script does. What was told at a doubted time stays in the past, whatever is judged.
-- Returns whether TIME may be expected to go on from here, and whether the sweeper may refer to this sweep.
-- KNOWS PAUSE_US
-- USES next_stamp text_of
local function judge_clock(engine, evidence)
  local clock = engine.clock
  local is_valid = evidence.told_us ~= '' and evidence.judged_us == clock.judged_us
  local least_us = is_valid and tonumber(evidence.told_us) + tonumber(evidence.least_us)
  local shift_us = 0
  if is_valid and evidence.jump_us ~= '0' and clock.swept_us < tonumber(evidence.told_us) then
    shift_us = -tonumber(evidence.jump_us)
  elseif is_valid and clock.raw_us < least_us - PAUSE_US then
    shift_us = least_us - clock.raw_us
  elseif is_valid and clock.raw_us > math.max(least_us, clock.swept_us) + PAUSE_US then
    local known_us = math.max(least_us, clock.swept_us) + clock.offset_us
    if not clock.is_doubted then return false, true end
    if known_us > engine.now_us then
      engine.now_us = known_us
      next_stamp(engine)
    end
    return false, true
  elseif clock.raw_us < clock.swept_us then
    shift_us = engine.now_us - clock.raw_us - clock.offset_us
  elseif clock.is_doubted and not is_valid then
    return false, false
  end
  if clock.is_doubted and shift_us ~= 0 then
    shift_us = math.max(shift_us, engine.now_us - clock.raw_us - clock.offset_us)
  end
  if shift_us ~= 0 then
    clock.offset_us, clock.judged_us = clock.offset_us + shift_us, text_of(clock.raw_us)
    redis.call('HSET', engine.instance_key, 'offset_us', text_of(clock.offset_us), 'judged_us', clock.judged_us)
  end
  local judged_us = clock.raw_us + clock.offset_us
  engine.now_us = shift_us == 0 and math.max(engine.now_us, judged_us) or judged_us
  return true, true
end
