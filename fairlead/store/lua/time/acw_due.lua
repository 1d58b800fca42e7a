-- acw_due: after-contact work has had its time; the agent goes on, and is told by all_then_match.
-- USES clear_slots fill read_agent
local function acw_due(engine, contact)
  if contact.state ~= 'acw' then return end
  local agent = read_agent(engine, contact.agent)
  clear_slots(engine, agent, contact.token)
  fill(engine, agent)
end
