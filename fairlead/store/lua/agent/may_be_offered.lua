-- may_be_offered: whether the agent may be offered contacts of the channel now: it is routable, and has a slot.
-- USES has_slot
local function may_be_offered(agent, channel)
  if not agent.is_routable or agent.absent or agent.next_status ~= '' then return false end
  return has_slot(agent, channel)
end
