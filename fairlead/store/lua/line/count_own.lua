-- count_own: keep the number of contacts that wait in an agent's own queue in the agent's record, so that an agent
-- without any need not look.
-- USES key_of
local function count_own(engine, queue, by)
  local name = string.sub(queue, 2)
  local many = redis.call('HINCRBY', key_of(engine, 'agent', name), 'own', by)
  if engine.agents[name] then engine.agents[name].own = many end
end
