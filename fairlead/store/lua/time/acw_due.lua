-- acw_due: after-contact work has had its time; the agent goes on.
-- USES clear_slots fill read_agent wake
local function acw_due(engine, contact)
  if contact.state ~= 'acw' then return end
  local agent = read_agent(engine, contact.agent)
  clear_slots(engine, agent, contact.token)
  fill(engine, agent)
  wake(engine, agent)
end
