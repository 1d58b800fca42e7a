-- slot_due: the slot of a missed offer, `name` is agent/token, was kept long enough.
-- USES clear_slots fill read_agent wake
local function slot_due(engine, name)
  local owner, token = string.match(name, '^(.+)/(%d+)$')
  local agent = read_agent(engine, owner)
  if agent and clear_slots(engine, agent, token) and fill(engine, agent) > 0 then wake(engine, agent) end
end
