-- fill: give the agent its best contacts until it has no slot left or nothing is eligible. Returns how many.
-- With its last slot free, an agent's next status begins. Within all_then_match it is filled later.
-- USES assign change_status choose key_of reindex status_type
local function fill(engine, agent)
  if agent.next_status ~= '' and agent.used_in_all == 0 then
    local type = status_type(key_of(engine, 'statuses'), agent.next_status)
    change_status(engine, agent, agent.next_status, type == 'routable', 'next_status')
  end
  if engine.later then
    table.insert(engine.later.agents, agent.name)
    reindex(engine, agent)
    return 0
  end
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
