-- count_slot: a slot counts for its agent (by = 1) or does so no longer (-1). Kinds: offered, connected, on_hold, acw,
-- missed and error take a slot; paused takes none. What is missed or failed is kept: it stands in no other channel's
-- way, and not in that of a next status.
local function count_slot(agent, slot, by)
  local channel, kind, used, kept = slot.channel, slot.kind, agent.used, agent.kept
  if kind == 'paused' then
    agent.paused = agent.paused + by
    return
  end
  used[channel], agent.used_in_all = (used[channel] or 0) + by, agent.used_in_all + by
  if kind == 'missed' or kind == 'error' then
    kept[channel], agent.kept_in_all = (kept[channel] or 0) + by, agent.kept_in_all + by
  end
end
