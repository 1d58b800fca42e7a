-- count_all: write what `count` has put together in the engine's `tally`, each counter once.
-- USES count
local function count_all(engine)
  local tally = engine.tally
  engine.tally = nil
  for field, amount in pairs(tally) do
    local subject, counter = string.match(field, '^(.*) (.*)$')
    count(engine, subject, counter, amount)
  end
end
