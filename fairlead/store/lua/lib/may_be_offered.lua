-- may_be_offered: whether the agent has a slot for the channel now; domain/slots.py is the rule.
local function may_be_offered(agent, channel)
  if not agent.routable then return false end
  if agent.capacity > 0 and agent.used_in_all >= agent.capacity then return false end
  if agent.used[channel] >= agent.concurrency[channel].slots then return false end
  for other, used in pairs(agent.used) do
    if other ~= channel and used > 0 and not agent.concurrency[other].allows_others then return false end
  end
  return true
end
