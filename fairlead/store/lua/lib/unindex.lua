-- unindex: take the agent out of all sets of those available.
-- USES key_of
local function unindex(engine, agent)
  for channel in string.gmatch(agent.open, '%S+') do
    redis.call('ZREM', key_of(engine, 'available', agent.profile, channel), agent.name)
  end
  agent.open = ''
end
