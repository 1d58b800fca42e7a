-- settle_clock: scripts may expect TIME to go on from this sweep; a doubt ends here.
-- What was put off at a doubted time is regained as it comes due (regain), when the doubt was time that has passed.
-- KNOWS PAUSE_US
-- USES read_doubt text_of
local function settle_clock(engine)
  local clock = engine.clock
  redis.call('HSET', engine.instance_key, 'clock_us', text_of(clock.raw_us))
  if clock.has_melted then redis.call('HSET', engine.instance_key, 'offset_us', text_of(clock.offset_us)) end
  if not clock.doubt_us then read_doubt(engine, clock) end
  if not clock.doubt_us then return end
  redis.call('HDEL', engine.instance_key, 'doubt')
  local by_us = clock.doubt_raw_us + clock.offset_us - clock.doubt_us
  if by_us <= PAUSE_US then return end
  local doubted_us = clock.raw_us - clock.doubt_raw_us
  local until_us = clock.doubt_us + math.min(doubted_us, PAUSE_US)
  if doubted_us <= PAUSE_US then until_us = math.max(until_us, math.min(engine.stamp, engine.now_us)) end
  redis.call('HSET', engine.instance_key, 'regained',
    text_of(clock.doubt_us) .. ' ' .. text_of(until_us) .. ' ' .. text_of(by_us))
end
