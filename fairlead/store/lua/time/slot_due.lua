-- slot_due: the slot of a missed offer, `name` is agent/token, was kept long enough; the
-- agent goes on, and is told by all_then_match.
-- USES clear_slots fill read_agent
local function slot_due(engine, name)
  local owner, token = string.match(name, '^(.+)/(%d+)$')
  local agent = read_agent(engine, owner)
  if agent and clear_slots(engine, agent, token) then fill(engine, agent) end
end
