-- has_sessions: whether any agent is signed in, as far as anybody has noticed.
-- USES key_of
local function has_sessions(engine)
  for _, profile in ipairs(redis.call('SMEMBERS', key_of(engine, 'profiles'))) do
    if redis.call('EXISTS', key_of(engine, 'online', profile)) == 1 then return true end
  end
  return false
end
