-- is_at_limit: whether the agent holds as many contacts of a queue and channel as its profile allows; domain/slots.py
-- is the rule.
-- RARELY held_of
local function is_at_limit(agent, queue, channel)
  local most = agent.has_limits and agent.limits[queue .. ':' .. channel]
  return most and held_of(agent, queue, channel) >= most
end
