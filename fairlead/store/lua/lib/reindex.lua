-- reindex: put the agent into the sets of those available, for just the channels that it may be offered now.
-- USES key_of channels may_be_offered text_of
local function reindex(engine, agent)
  local open = {}
  for _, channel in ipairs(channels()) do
    local available_key = key_of(engine, 'available', agent.profile, channel)
    if may_be_offered(agent, channel) then
      open[#open + 1] = channel
      redis.call('ZADD', available_key, text_of(agent.available_us), agent.name)
    elseif string.find(agent.open, channel, 1, true) then
      redis.call('ZREM', available_key, agent.name)
    end
  end
  agent.open = table.concat(open, ' ')
  redis.call('HSET', agent.key, 'open', agent.open, 'available_us', text_of(agent.available_us))
end
