-- wake: tell the agent's worker that the agent was given something. Only a hint: the truth is in the agent's slots.
-- USES key_of
local function wake(engine, agent)
  local inbox_key = key_of(engine, 'inbox', agent.worker)
  redis.call('RPUSH', inbox_key, agent.name)
  redis.call('EXPIRE', inbox_key, 60)
end
