-- read_slots: what an agent's record says of its slots, in the order of their tokens; the inverse of slots_text.
-- `connected_us` is empty until the contact is connected.
local function read_slots(text)
  local slots = {}
  for token, channel, kind, contact, queue, connected_us in string.gmatch(text or '',
    '(%d+) (%l+) (%S+) (%S+) (%S+) (%d*);')
  do
    slots[#slots + 1] = {
      token = token, channel = channel, kind = kind, contact = contact, queue = queue, connected_us = connected_us,
    }
  end
  return slots
end
