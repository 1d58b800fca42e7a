-- add_agent: an agent whom nobody has configured is made, on a routing profile: the configuration changes.
-- USES key_of object_of text_of
local function add_agent(engine, name, profile)
  local version = text_of(redis.call('HINCRBY', engine.instance_key, 'version', 1))
  redis.call('SADD', key_of(engine, 'agents'), name)
  redis.call('HSET', key_of(engine, 'agent', name), 'profile', profile)
  redis.call('HSET', key_of(engine, 'objects'), object_of('agent', name), version .. ' - profile:' .. profile)
end
