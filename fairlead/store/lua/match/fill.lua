-- fill: give the agent its best contacts until it has no slot left or nothing is eligible. Returns how many.
-- With its last slot free, an agent's next status begins. Within all_then_match it is filled later.
-- USES assign choose line_key reindex
-- RARELY begin_next_status end_steps
local function fill(engine, agent)
  if agent.next_status ~= '' and agent.used_in_all == agent.kept_in_all then begin_next_status(engine, agent) end
  if engine.later then
    table.insert(engine.later.agents, agent.name)
    reindex(engine, agent)
    return 0
  end
  if engine.tracked ~= ' ' then end_steps(engine) end
  local given, heads = 0, nil
  local best = choose(engine, agent)
  while best do
    assign(engine, agent, best)
    given, heads = given + 1, heads or {}
    heads[line_key(engine, best.queue, best.channel, best.track)] = nil  -- the only line that an assignment changes
    best = choose(engine, agent, heads)
  end
  reindex(engine, agent)
  return given
end
