-- is_matched: whether a signed-in agent who serves a queue and channel satisfies an expression, whatever its status.
-- USES servers_of key_of satisfies
local function is_matched(engine, queue, channel, expression)
  for _, server in ipairs(servers_of(engine, queue, channel, math.huge)) do
    for _, name in ipairs(redis.call('SMEMBERS', key_of(engine, 'online', server[1]))) do
      local skills = redis.call('HGET', key_of(engine, 'agent', name), 'skills') or ''
      if satisfies(expression, skills, name) then return true end
    end
  end
  return false
end
