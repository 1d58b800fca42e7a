-- count_gathered: add what the engine has gathered to the counters, once to each.
-- USES count
local function count_gathered(engine)
  local counted = engine.counted
  engine.counted = nil
  for field, by in pairs(counted) do
    local subject, counter = string.match(field, '^(.+) (.+)$')
    count(engine, subject, counter, by)
  end
end
