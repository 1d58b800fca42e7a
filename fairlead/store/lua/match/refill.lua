-- refill: give the agent what it may take now; who represents it is told when that is anything.
-- USES fill wake
local function refill(engine, agent)
  if fill(engine, agent) > 0 then wake(engine, agent) end
end
