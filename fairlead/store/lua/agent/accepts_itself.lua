-- accepts_itself: whether an agent is connected to contacts of a channel at once, without being asked: its session
-- accepts all, or the agent those of the channel.
local function accepts_itself(agent, channel)
  return agent.auto_accept or string.find(agent.accepts, channel, 1, true) ~= nil
end
