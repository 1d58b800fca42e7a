-- apply_profiles: write the profiles that differ, and note which queues they serve. The pools of those that have
-- changed are to be matched; `unindexed` gets those whose agents may be offered other channels, or have other
-- limits: profile -> 0.
-- EMITS profile.updated profile change
-- EMITS profile.updated profile change profile_version
-- KNOWS CHANNELS
-- USES emit entries_of key_of
local function apply_profiles(engine, changes, unindexed)
  local delayed_key = key_of(engine, 'delayed')
  for profile, change in pairs(changes.profile) do
    local profile_key = key_of(engine, 'profile', profile)
    local before = redis.call('HMGET', profile_key, 'entries', 'skillsets', 'channels', 'limits')
    local servers, delayed = {}, {}
    local function served(entry, limits)
      local limit = ' ' .. entry.queue .. ':' .. entry.channel .. '='
      return string.find(limits or '', limit, 1, true) and entry.delay_us .. ' limited' or entry.delay_us
    end
    for _, entry in ipairs(entries_of(before[1])) do
      servers[key_of(engine, 'servers', entry.queue, entry.channel)] = served(entry, before[4])
    end
    for _, channel in ipairs(CHANNELS) do redis.call('SREM', delayed_key, profile .. ' ' .. channel) end
    redis.call('DEL', profile_key, key_of(engine, 'shares', profile))
    engine.kept.profiles[profile], engine.kept.servers = nil, {}
    if change.digest == '' then
      redis.call('SREM', key_of(engine, 'profiles'), profile)
      emit(engine, 'profile.updated', 'profile', profile, 'change', 'removed')
    else
      redis.call('SADD', key_of(engine, 'profiles'), profile)
      redis.call('HSET', profile_key, unpack(change.values))
      redis.call('HSET', profile_key, 'version', engine.version, 'skillsets', before[2] or '')
      local after = redis.call('HMGET', profile_key, 'entries', 'channels', 'limits')
      for _, entry in ipairs(entries_of(after[1])) do
        local servers_key, its = key_of(engine, 'servers', entry.queue, entry.channel), served(entry, after[3])
        if servers[servers_key] ~= its then redis.call('HSET', servers_key, profile, its) end
        servers[servers_key] = nil
        if entry.delay_us ~= '0' then delayed[entry.channel] = profile .. ' ' .. entry.channel end
      end
      for _, pool in pairs(delayed) do redis.call('SADD', delayed_key, pool) end
      emit(engine, 'profile.updated', 'profile', profile, 'change', change.known and 'changed' or 'added',
        'profile_version', engine.version)
      if after[2] ~= before[3] or after[3] ~= before[4] then unindexed[profile] = '0' end
      for _, channel in ipairs(CHANNELS) do table.insert(engine.later.pools, { profile, channel }) end
    end
    for servers_key in pairs(servers) do redis.call('HDEL', servers_key, profile) end
  end
end
