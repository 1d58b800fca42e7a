-- apply_types: signed-in agents in a status of another type become routable, or are no longer. `affected` gets them.
-- USES change_status key_of read_agent
local function apply_types(engine, changed_types, affected)
  if not next(changed_types) then return end
  for _, profile in ipairs(redis.call('SMEMBERS', key_of(engine, 'profiles'))) do
    for _, name in ipairs(redis.call('SMEMBERS', key_of(engine, 'online', profile))) do
      local is_routable = changed_types[redis.call('HGET', key_of(engine, 'agent', name), 'status')]
      local agent = is_routable ~= nil and read_agent(engine, name)
      if agent and agent.is_routable ~= is_routable then
        local next_status = agent.next_status
        change_status(engine, agent, agent.status, is_routable, 'configured')
        if next_status ~= '' then
          agent.next_status = next_status
          redis.call('HSET', agent.key, 'next_status', next_status)
        end
        affected[name] = true
      end
    end
  end
end
