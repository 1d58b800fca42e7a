-- count_own: keep the number of contacts that wait in an agent's own queue in the agent's record, so that an agent
-- without any need not look; and a list of the agents who have some.
-- USES key_of
local function count_own(engine, queue, by)
  local name = string.sub(queue, 2)
  local many = redis.call('HINCRBY', key_of(engine, 'agent', name), 'own', by)
  if many == 0 then
    redis.call('SREM', key_of(engine, 'owned'), name)
  elseif many == by then
    redis.call('SADD', key_of(engine, 'owned'), name)
  end
  if engine.agents[name] then engine.agents[name].own = many end
end
