-- free_slot: free one slot of an agent before its contact goes back, so that the agent stands among those who may take
-- it.
-- USES read_agent set_slot reindex
local function free_slot(engine, name, token)
  local agent = read_agent(engine, name)
  if not agent then return end
  set_slot(agent, token, nil)
  reindex(engine, agent)
end
