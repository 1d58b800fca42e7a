-- give_best: an agent who may be offered contacts takes its own best one, or the agent whom the queue prefers does.
-- Returns the contact; there must be one.
-- USES assign choose prefer read_agent reindex wake
local function give_best(engine, name)
  local agent = read_agent(engine, name)
  local best = choose(engine, agent)
  agent, best = prefer(engine, agent, best)
  assign(engine, agent, best)
  reindex(engine, agent)
  wake(engine, agent)
  return best
end
