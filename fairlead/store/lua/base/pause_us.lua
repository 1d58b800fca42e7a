-- pause_us: how long a contact pauses after a failed attempt, the `attempts`-th; domain/contact.py, pause_s, is the
-- rule.
local function pause_us(retry_delay_s, attempts)
  local LONGEST_PAUSE_S, MOST_DOUBLINGS = 300, 9
  return math.min(LONGEST_PAUSE_S, retry_delay_s * 2 ^ math.min(attempts - 1, MOST_DOUBLINGS)) * 1000000
end
