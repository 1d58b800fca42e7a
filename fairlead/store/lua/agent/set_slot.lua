-- set_slot: a slot of the agent is taken by a contact, changes its kind, or (kind nil) is freed; the agent's counts
-- follow, and reindex saves it. Returns the slot.
-- USES count_slot slot_of
local function set_slot(agent, token, kind, contact)
  local slot = slot_of(agent, token)
  if slot then
    count_slot(agent, slot, -1)
  elseif kind then
    slot = { token = token, channel = contact.channel, contact = contact.id, queue = contact.queue, connected_us = '' }
    agent.slots[#agent.slots + 1] = slot
  end
  agent.has_new_slots = agent.has_new_slots or slot ~= nil
  if kind then
    slot.kind = kind
    count_slot(agent, slot, 1)
    return slot
  end
  for place, one in ipairs(agent.slots) do
    if one == slot then table.remove(agent.slots, place) end
  end
  return slot
end
