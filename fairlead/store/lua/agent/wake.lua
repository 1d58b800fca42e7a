-- wake: tell who represents the agent that it was given something. Only a hint: the truth is in the agent's slots.
-- USES key_of
local function wake(engine, agent)
  if agent.inbox == '' then return end
  local inbox_key = key_of(engine, 'inbox', agent.inbox)
  redis.call('RPUSH', inbox_key, agent.name)
  redis.call('EXPIRE', inbox_key, 60)
end
