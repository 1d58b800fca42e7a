-- count_present: one signed-in agent more (by = 1) or less (-1) of a profile has a set of proficiencies.
-- USES key_of
local function count_present(engine, profile, skillset, by)
  local present_key, field = key_of(engine, 'present', profile), skillset or '-'
  if redis.call('HINCRBY', present_key, field, by) == 0 then redis.call('HDEL', present_key, field) end
end
