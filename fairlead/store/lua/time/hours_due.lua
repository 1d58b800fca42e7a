-- hours_due: hours of operation have begun or ended: queues open and close.
-- USES open_queues
local function hours_due(engine)
  for _, pool in ipairs(open_queues(engine)) do table.insert(engine.later.pools, pool) end
end
