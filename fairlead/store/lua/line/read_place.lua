-- read_place: the contact that a member of a waiting set stands for; the inverse of place_of. `priority` may be nil.
-- KNOWS RANK_DIGITS
local function read_place(queue, channel, track, member, priority)
  local rank = string.sub(member, 1, RANK_DIGITS)
  local contact = {
    queue = queue, channel = channel, track = track, place = member, priority = tonumber(priority), rank = rank,
  }
  if string.sub(member, RANK_DIGITS + 1, RANK_DIGITS + 1) == '~' then
    contact.queued_us = tonumber(string.sub(member, RANK_DIGITS + 2, 2 * RANK_DIGITS + 1))
    contact.id = string.sub(member, 2 * RANK_DIGITS + 2)
  else
    contact.queued_us, contact.id = tonumber(rank), string.sub(member, RANK_DIGITS + 1)
  end
  contact.rank_us = tonumber(rank)
  return contact
end
