-- bucket_of: the bucket of a histogram that a duration falls into, as text; domain/measures.py is the rule.
-- KNOWS COARSE_S FINE_S
local function bucket_of(duration_us)
  local seconds = math.ceil(math.max(0, duration_us) / 1000000)
  if seconds > FINE_S then seconds = math.ceil(seconds / COARSE_S) * COARSE_S end
  return string.format('%d', seconds)
end
