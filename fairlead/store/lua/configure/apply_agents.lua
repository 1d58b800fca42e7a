-- apply_agents: write the agents that differ; one who is signed in moves to its new profile and its new proficiencies
-- at once, and is to be matched. `unindexed` gets the profiles whose agents have proficiencies now and had none, or the
-- other way round: profile -> 0.
-- EMITS agent.profile_changed agent profile before
-- KNOWS CHANNELS
-- USES count_present count_skills emit key_of look_at_own note_skillsets read_agent reindex unindex
local function apply_agents(engine, changes, unindexed)
  local agents_key, skilled, affected = key_of(engine, 'agents'), {}, {}
  local function recount(profile, skillset, skills, by)
    if not profile or (skills or '') == '' then return end
    count_skills(engine, profile, skillset, skills, by)
    skilled[profile] = profile
  end
  for name, change in pairs(changes.agent) do
    local agent_key, after = key_of(engine, 'agent', name), {}
    local before = redis.call('HMGET', agent_key, 'profile', 'skills', 'skillset', 'epoch', 'routable', 'own',
      'overflow', 'overflow_after_s')
    for place = 1, #change.values, 2 do after[change.values[place]] = change.values[place + 1] end
    local is_other = before[1] ~= after.profile or (before[2] or '') ~= after.skills
    if is_other then
      recount(before[1], before[3], before[2], -1)
      recount(after.profile, after.skillset, after.skills, 1)
    end
    if before[4] and is_other then
      unindex(engine, read_agent(engine, name))
      redis.call('HSET', agent_key, 'offerable', '')
      redis.call('SREM', key_of(engine, 'online', before[1]), name)
      redis.call('SADD', key_of(engine, 'online', after.profile), name)
      count_present(engine, before[1], before[3], -1, before[5] == '1')
      count_present(engine, after.profile, after.skillset, 1, before[5] == '1')
      affected[#affected + 1] = name
    end
    engine.agents[name] = nil
    if change.digest == '' then
      redis.call('SREM', agents_key, name)
      redis.call('DEL', agent_key)
    else
      redis.call('SADD', agents_key, name)
      redis.call('HSET', agent_key, unpack(change.values))
      if (tonumber(before[6]) or 0) > 0
        and ((before[7] or '') ~= after.overflow or (before[8] or '') ~= after.overflow_after_s)
      then
        look_at_own(engine, { name })
      end
      if before[1] and before[1] ~= after.profile then
        emit(engine, 'agent.profile_changed', 'agent', name, 'profile', after.profile, 'before', before[1])
      end
    end
  end
  for _, profile in pairs(skilled) do
    if note_skillsets(engine, profile) then unindexed[profile] = '0' end
  end
  for _, name in ipairs(affected) do
    local agent = read_agent(engine, name)
    reindex(engine, agent)
    for _, channel in ipairs(CHANNELS) do table.insert(engine.later.pools, { agent.profile, channel }) end
    if agent.own > 0 then table.insert(engine.later.owners, name) end
  end
end
