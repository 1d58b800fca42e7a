-- apply_profiles: write the profiles that differ, each with its next version. Returns the names of those changed.
-- USES channels emit key_of replace_list
local function apply_profiles(engine, wanted)
  local changed, delayed_key = {}, key_of(engine, 'delayed')
  for _, profile in ipairs(redis.call('SMEMBERS', key_of(engine, 'profiles'))) do
    if not wanted.profile[profile] then
      redis.call('SREM', key_of(engine, 'profiles'), profile)
      redis.call('DEL', key_of(engine, 'profile', profile), key_of(engine, 'entries', profile))
      emit(engine, 'profile.updated', 'profile', profile, 'change', 'removed')
    end
  end
  redis.call('DEL', delayed_key)
  for profile, fields in pairs(wanted.profile) do
    local profile_key, entries = key_of(engine, 'profile', profile), wanted.entries[profile]
    local known = redis.call('HGET', profile_key, 'digest')
    redis.call('SADD', key_of(engine, 'profiles'), profile)
    redis.call('HDEL', profile_key, unpack(channels()))
    redis.call('HSET', profile_key, unpack(fields))
    if known ~= redis.call('HGET', profile_key, 'digest') then
      replace_list(key_of(engine, 'entries', profile), entries)
      local version = redis.call('HINCRBY', profile_key, 'version', 1)
      changed[profile] = true
      emit(engine, 'profile.updated', 'profile', profile, 'change', known and 'changed' or 'added',
        'profile_version', version)
    end
    for place = 1, #entries, 4 do
      if entries[place + 1] ~= '0' then redis.call('SADD', delayed_key, profile .. ' ' .. entries[place + 3]) end
    end
  end
  return changed
end
