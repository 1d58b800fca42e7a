-- is_full: whether the agent holds as many contacts as its session takes, over all channels.
local function is_full(agent)
  return agent.capacity > 0 and agent.used_in_all >= agent.capacity
end
