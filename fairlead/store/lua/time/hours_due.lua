-- hours_due: hours of operation have begun or ended: queues open and close.
-- USES open_queues
local function hours_due(engine)
  open_queues(engine)
end
