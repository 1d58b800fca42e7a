-- apply_agents: write the agents; one who is signed in moves to its new profile at once.
-- Returns the names of the signed-in agents whose profile is another or has changed.
-- USES emit key_of read_agent unindex
local function apply_agents(engine, wanted, changed_profiles)
  local touched, agents_key = {}, key_of(engine, 'agents')
  for _, name in ipairs(redis.call('SMEMBERS', agents_key)) do
    if not wanted.agent[name] then
      redis.call('SREM', agents_key, name)
      redis.call('DEL', key_of(engine, 'agent', name))
    end
  end
  for name, values in pairs(wanted.agent) do
    local agent_key, profile = key_of(engine, 'agent', name), values[1]
    local known = redis.call('HGET', agent_key, 'profile')
    local session = redis.call('HEXISTS', agent_key, 'epoch') == 1
    if session and known ~= profile then unindex(engine, read_agent(engine, name)) end
    redis.call('SADD', agents_key, name)
    redis.call('HSET', agent_key, 'profile', profile, 'display_name', values[2])
    if known and known ~= profile then
      emit(engine, 'agent.profile_changed', 'agent', name, 'profile', profile, 'before', known)
      if session then redis.call('HSET', agent_key, 'open', '') end
    end
    if session and (known ~= profile or changed_profiles[profile]) then touched[#touched + 1] = name end
  end
  return touched
end
