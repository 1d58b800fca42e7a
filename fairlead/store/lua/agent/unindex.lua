-- unindex: take the agent out of all sets of those available.
-- USES key_of
local function unindex(engine, agent)
  for channel in string.gmatch(agent.open, '%S+') do
    for crew in string.gmatch(agent.crew, '%S+') do
      redis.call('ZREM', key_of(engine, 'available', crew, channel), agent.name)
    end
  end
  agent.open = ''
end
