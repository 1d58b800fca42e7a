-- set_slot: a slot of the agent is taken by a contact, changes its kind, or (kind nil) is freed; the agent's counts
-- follow, and reindex saves it. Returns the slot.
-- Kinds: offered, connected, on_hold, acw, missed and error take a slot; paused takes none. What is missed or failed is
-- kept: it stands in no other channel's way, and not in that of a next status.
-- USES slot_of
local function set_slot(agent, token, kind, contact)
  local slot = slot_of(agent, token)
  local function add(by)
    if slot.kind == 'paused' then
      agent.paused = agent.paused + by
    else
      agent.used[slot.channel] = (agent.used[slot.channel] or 0) + by
      agent.used_in_all = agent.used_in_all + by
      if slot.kind == 'missed' or slot.kind == 'error' then
        agent.kept[slot.channel], agent.kept_in_all = (agent.kept[slot.channel] or 0) + by, agent.kept_in_all + by
      end
    end
  end
  if slot then
    add(-1)
  elseif kind then
    slot = { token = token, channel = contact.channel, contact = contact.id, queue = contact.queue, connected_us = '' }
    agent.slots[#agent.slots + 1] = slot
  end
  agent.has_new_slots = agent.has_new_slots or slot ~= nil
  if kind then
    slot.kind = kind
    add(1)
    return slot
  end
  for place, one in ipairs(agent.slots) do
    if one == slot then table.remove(agent.slots, place) end
  end
  return slot
end
