-- has_slot: whether the agent has a slot for the channel, whatever its status; domain/slots.py is the rule.
-- USES is_full
local function has_slot(agent, channel)
  local most, used = agent.most[channel], agent.used[channel] or 0
  if not most or used >= most then return false end
  if is_full(agent) then return false end
  if channel == 'task' and used + agent.paused >= 2 * most then return false end
  if agent.used_in_all > used then
    for other, others in pairs(agent.used) do
      if other ~= channel and others > (agent.kept[other] or 0) and not agent.allows_others[other] then return false end
    end
  end
  return true
end
