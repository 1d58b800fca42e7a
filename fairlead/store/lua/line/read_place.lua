-- read_place: the contact that a member of a waiting set stands for; the inverse of place_of.
local function read_place(queue, channel, track, member, priority)
  local rank = string.sub(member, 1, 16)
  local contact = {
    queue = queue, channel = channel, track = track, place = member, priority = tonumber(priority), rank = rank,
  }
  if string.sub(member, 17, 17) == '~' then
    contact.queued_us, contact.id = tonumber(string.sub(member, 18, 33)), string.sub(member, 34)
  else
    contact.queued_us, contact.id = tonumber(rank), string.sub(member, 17)
  end
  contact.rank_us = tonumber(rank)
  return contact
end
