-- count_staffed: one agent more (by = 1) or less (-1) of those of a profile with a set of proficiencies is in a
-- routable status.
-- USES key_of
local function count_staffed(engine, profile, skillset, by)
  local present_key, field = key_of(engine, 'present', profile), skillset .. '+'
  if redis.call('HINCRBY', present_key, field, by) == 0 then redis.call('HDEL', present_key, field) end
end
