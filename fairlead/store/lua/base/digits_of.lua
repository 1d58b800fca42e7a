-- digits_of: a time in microseconds, at least 0, in so many digits that members with it in front sort by it.
-- KNOWS RANK_FORMAT
local function digits_of(time_us)
  return string.format(RANK_FORMAT, math.max(0, time_us))
end
