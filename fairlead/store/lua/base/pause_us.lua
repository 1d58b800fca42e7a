-- pause_us: how long a contact pauses after a failed attempt, the `attempts`-th; domain/contact.py, pause_s, is the
-- rule.
-- KNOWS LONGEST_PAUSE_S
local function pause_us(retry_delay_s, attempts)
  return math.min(LONGEST_PAUSE_S, retry_delay_s * 2 ^ (attempts - 1)) * 1000000
end
