-- fill: give the agent its best contacts until it has no slot left or nothing is eligible. Returns how many.
-- USES assign choose reindex
local function fill(engine, agent)
  local given = 0
  local best = choose(engine, agent)
  while best do
    assign(engine, agent, best)
    given = given + 1
    best = choose(engine, agent)
  end
  reindex(engine, agent)
  return given
end
