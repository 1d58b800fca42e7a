-- precedes: whether one place in line goes before another, each by its contact priority and member: contact priority,
-- effective age, order of arrival.
-- KNOWS RANK_DIGITS
-- USES read_place
local function precedes(priority, member, other_priority, other_member)
  if priority ~= other_priority then return priority < other_priority end
  local rank, other_rank = string.sub(member, 1, RANK_DIGITS), string.sub(other_member, 1, RANK_DIGITS)
  if rank ~= other_rank then return rank < other_rank end
  return read_place('', '', '', member).queued_us < read_place('', '', '', other_member).queued_us
end
