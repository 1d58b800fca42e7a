-- give_best: an agent who stands among those available takes its own best contact, or the agent whom the queue prefers
-- does. Who can take nothing is not what it was when it was put there, and is put where it belongs.
-- Returns the contact, or nil.
-- USES assign choose prefer read_agent reindex wake
local function give_best(engine, name)
  local agent = read_agent(engine, name)
  local best = choose(engine, agent)
  if best then
    agent, best = prefer(engine, agent, best)
    assign(engine, agent, best)
    wake(engine, agent)
  end
  reindex(engine, agent)
  return best
end
