-- hand_over_session: a sign-in is repeated, perhaps by another process since the one that first asked has crashed: it
-- holds the session from now on, and is told what the agent is given. The session's requests are numbered on.
-- USES key_of
local function hand_over_session(engine, name, worker, inbox, holder)
  local agent_key = key_of(engine, 'agent', name)
  redis.call('SREM', key_of(engine, 'holder', redis.call('HGET', agent_key, 'holder')), name)
  redis.call('SADD', key_of(engine, 'holder', holder), name)
  redis.call('HSET', agent_key, 'worker', worker, 'inbox', inbox, 'holder', holder)
end
