-- apply_agents: write the agents; one who is signed in moves to its new profile and its new proficiencies at once.
-- Returns the names of the signed-in agents whose profile or proficiencies are others or have changed.
-- EMITS agent.profile_changed agent profile before
-- USES apply_status emit key_of read_agent unindex
local function apply_agents(engine, target, changed_profiles)
  local affected, agents_key = {}, key_of(engine, 'agents')
  for _, name in ipairs(redis.call('SMEMBERS', agents_key)) do
    if not target.agent[name] then
      redis.call('SREM', agents_key, name)
      redis.call('DEL', key_of(engine, 'agent', name))
    end
  end
  for name, values in pairs(target.agent) do
    local agent_key, profile = key_of(engine, 'agent', name), values[1]
    local known = redis.call('HMGET', agent_key, 'profile', 'skills', 'epoch', 'status')
    local is_other = known[1] ~= profile or (known[2] or '') ~= values[4]
    if known[3] and is_other then
      unindex(engine, read_agent(engine, name))
      redis.call('HSET', agent_key, 'offerable', '')
      redis.call('SREM', key_of(engine, 'online', known[1]), name)
      redis.call('SADD', key_of(engine, 'online', profile), name)
    end
    engine.agents[name] = nil
    redis.call('SADD', agents_key, name)
    redis.call('HSET', agent_key, 'profile', profile, 'display_name', values[2], 'accepts', values[3],
      'skills', values[4], 'skillset', values[5])
    if known[1] and known[1] ~= profile then
      emit(engine, 'agent.profile_changed', 'agent', name, 'profile', profile, 'before', known[1])
    end
    if known[3] and apply_status(engine, target, name, known[4]) then is_other = true end
    if known[3] and (is_other or changed_profiles[profile]) then affected[#affected + 1] = name end
  end
  return affected
end
