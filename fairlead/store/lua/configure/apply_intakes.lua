-- apply_intakes: write the intakes that differ, and forget those that are gone.
-- USES key_of
local function apply_intakes(engine, changes)
  for intake, change in pairs(changes.intake) do
    if change.digest == '' then
      redis.call('HDEL', key_of(engine, 'intakes'), intake)
    else
      redis.call('HSET', key_of(engine, 'intakes'), intake, change.values[1])
    end
  end
end
