-- precedes: whether one waiting contact goes before another: contact priority, effective age, order of arrival.
local function precedes(one, other)
  if one.priority ~= other.priority then return one.priority < other.priority end
  if one.rank_us ~= other.rank_us then return one.rank_us < other.rank_us end
  return one.queued_us < other.queued_us
end
