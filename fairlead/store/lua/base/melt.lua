-- melt: what the clock was off wears off by a twentieth of the time that passes, of two seconds after each sweep at
-- most, since opening hours go by the clock on the wall. Little by little: else a sweep would turn time back.
local function melt(clock)
  local MELTS_US = 2000000
  local most_us = math.floor(math.max(0, math.min(clock.raw_us - clock.swept_us, MELTS_US)) / 20)
  clock.offset_us = clock.offset_us - math.max(-most_us, math.min(clock.offset_us, most_us))
  clock.has_melted = most_us > 0
end
