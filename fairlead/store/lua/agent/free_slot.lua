-- free_slot: free one slot of an agent before its contact goes back, so that the agent stands among those who may take
-- it. The agent's part in it is over.
-- USES end_part read_agent set_slot reindex
local function free_slot(engine, name, token)
  local agent = read_agent(engine, name)
  if not agent then return end
  local slot = set_slot(agent, token, nil)
  if slot then end_part(engine, agent, slot, true) end
  reindex(engine, agent)
end
