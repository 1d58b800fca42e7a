-- apply_profiles: write the profiles that differ; a profile's version is that of the configuration which changed it
-- last, so that it never repeats. Returns the names of those changed, in themselves or in the proficiencies that their
-- agents have.
-- EMITS profile.updated profile change
-- EMITS profile.updated profile change profile_version
-- USES emit key_of
local function apply_profiles(engine, target)
  local changed, delayed_key = {}, key_of(engine, 'delayed')
  for _, profile in ipairs(redis.call('SMEMBERS', key_of(engine, 'profiles'))) do
    if not target.profile[profile] then
      redis.call('SREM', key_of(engine, 'profiles'), profile)
      redis.call('DEL', key_of(engine, 'profile', profile), key_of(engine, 'shares', profile))
      emit(engine, 'profile.updated', 'profile', profile, 'change', 'removed')
    end
  end
  redis.call('DEL', delayed_key)
  for profile, fields in pairs(target.profile) do
    local profile_key = key_of(engine, 'profile', profile)
    local known = redis.call('HMGET', profile_key, 'digest', 'version', 'skillsets')
    redis.call('SADD', key_of(engine, 'profiles'), profile)
    redis.call('DEL', profile_key)
    redis.call('HSET', profile_key, unpack(fields))
    local now = redis.call('HMGET', profile_key, 'digest', 'skillsets', 'entries')
    local version = tonumber(known[2]) or 0
    if known[1] ~= now[1] then
      version = engine.version
      redis.call('DEL', key_of(engine, 'shares', profile))
      emit(engine, 'profile.updated', 'profile', profile, 'change', known[1] and 'changed' or 'added',
        'profile_version', version)
    end
    redis.call('HSET', profile_key, 'version', version)
    changed[profile] = known[1] ~= now[1] or known[3] ~= now[2] or nil
    for delay_us, channel in string.gmatch(now[3], '%d+ (%d+) %S+ (%S+) %d+') do
      if delay_us ~= '0' then redis.call('SADD', delayed_key, profile .. ' ' .. channel) end
    end
  end
  return changed
end
