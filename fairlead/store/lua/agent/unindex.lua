-- unindex: take the agent out of all sets of those available.
-- USES key_of
local function unindex(engine, agent)
  if engine.seen then engine.seen = {} end
  for lane in string.gmatch(agent.offerable, '%S+') do
    for pool in string.gmatch(agent.pools, '%S+') do
      redis.call('ZREM', key_of(engine, 'available', pool, lane), agent.name)
    end
  end
  agent.offerable = ''
end
