-- apply_profiles: write the profiles that differ, and note which queues they serve. The pools of those that have
-- changed are to be matched; `unindexed` gets those whose agents may be offered other channels: profile -> 0.
-- EMITS profile.updated profile change
-- EMITS profile.updated profile change profile_version
-- KNOWS CHANNELS
-- USES emit key_of
local function apply_profiles(engine, changes, unindexed)
  local delayed_key, pattern = key_of(engine, 'delayed'), '%d+ (%d+) (%S+) (%S+) %d+'
  for profile, change in pairs(changes.profile) do
    local profile_key = key_of(engine, 'profile', profile)
    local before = redis.call('HMGET', profile_key, 'entries', 'skillsets', 'channels')
    local servers, delayed = {}, {}
    for delay_us, queue, channel in string.gmatch(before[1] or '', pattern) do
      servers[key_of(engine, 'servers', queue, channel)] = delay_us
    end
    for _, channel in ipairs(CHANNELS) do redis.call('SREM', delayed_key, profile .. ' ' .. channel) end
    redis.call('DEL', profile_key, key_of(engine, 'shares', profile))
    if change.digest == '' then
      redis.call('SREM', key_of(engine, 'profiles'), profile)
      emit(engine, 'profile.updated', 'profile', profile, 'change', 'removed')
    else
      redis.call('SADD', key_of(engine, 'profiles'), profile)
      redis.call('HSET', profile_key, unpack(change.values))
      redis.call('HSET', profile_key, 'version', engine.version, 'skillsets', before[2] or '')
      for delay_us, queue, channel in string.gmatch(redis.call('HGET', profile_key, 'entries'), pattern) do
        local servers_key = key_of(engine, 'servers', queue, channel)
        if servers[servers_key] ~= delay_us then redis.call('HSET', servers_key, profile, delay_us) end
        servers[servers_key] = nil
        if delay_us ~= '0' then delayed[channel] = profile .. ' ' .. channel end
      end
      for _, pool in pairs(delayed) do redis.call('SADD', delayed_key, pool) end
      emit(engine, 'profile.updated', 'profile', profile, 'change', change.known and 'changed' or 'added',
        'profile_version', engine.version)
      if redis.call('HGET', profile_key, 'channels') ~= before[3] then unindexed[profile] = '0' end
      for _, channel in ipairs(CHANNELS) do table.insert(engine.later.pools, { profile, channel }) end
    end
    for servers_key in pairs(servers) do redis.call('HDEL', servers_key, profile) end
  end
end
