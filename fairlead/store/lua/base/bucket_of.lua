-- bucket_of: the bucket of a histogram that a duration falls into, as text; domain/measures.py is the rule.
local function bucket_of(duration_us)
  local seconds = math.ceil(math.max(0, duration_us) / 1000000)
  if seconds > 600 then seconds = math.ceil(seconds / 60) * 60 end
  return string.format('%.0f', seconds)
end
