-- may_be_offered: whether the agent has a slot for the channel now; domain/slots.py is the rule.
local function may_be_offered(agent, channel)
  if not agent.is_routable or agent.absent or agent.next_status ~= '' then return false end
  if agent.capacity > 0 and agent.used_in_all >= agent.capacity then return false end
  local most = agent.concurrency[channel].slots
  if agent.used[channel] >= most then return false end
  if channel == 'task' and agent.used.task + agent.paused >= 2 * most then return false end
  for other, used in pairs(agent.used) do
    if other ~= channel and used > 0 and not agent.concurrency[other].allows_others then return false end
  end
  return true
end
