-- count_staffed: one signed-in agent more (by = 1) or less (-1) of a profile is in a routable status.
-- USES key_of
local function count_staffed(engine, profile, by)
  local staffed_key = key_of(engine, 'staffed')
  if redis.call('HINCRBY', staffed_key, profile, by) == 0 then redis.call('HDEL', staffed_key, profile) end
end
