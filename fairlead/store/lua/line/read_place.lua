-- read_place: the contact that a member of a waiting set stands for; the inverse of place_of. `priority` may be nil.
-- KNOWS RANK_DIGITS
local function read_place(queue, channel, track, member, priority)
  local rank = string.sub(member, 1, RANK_DIGITS)
  local queued_us, id_from = rank, RANK_DIGITS + 1
  if string.sub(member, id_from, id_from) == '~' then
    queued_us, id_from = string.sub(member, RANK_DIGITS + 2, 2 * RANK_DIGITS + 1), 2 * RANK_DIGITS + 2
  end
  return {
    queue = queue, channel = channel, track = track, place = member, priority = tonumber(priority), rank = rank,
    queued_us = tonumber(queued_us), id = string.sub(member, id_from),
  }
end
