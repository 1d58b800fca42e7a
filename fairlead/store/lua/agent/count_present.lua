-- count_present: one signed-in agent more (by = 1) or less (-1) of a profile has a set of proficiencies; `is_staffed`:
-- it is in a routable status, too.
-- USES count_staffed key_of
local function count_present(engine, profile, skillset, by, is_staffed)
  local present_key, field = key_of(engine, 'present', profile), skillset or '-'
  if redis.call('HINCRBY', present_key, field, by) == 0 then redis.call('HDEL', present_key, field) end
  if is_staffed then count_staffed(engine, profile, field, by) end
end
