-- connect: the contact is answered by its agent: attempts, the agent's availability clock and the counters.
-- USES count key_of text_of
local function connect(engine, agent, contact, token)
  local queue_key = key_of(engine, 'queue', contact.queue)
  local service_level_s = tonumber(redis.call('HGET', queue_key, 'service_level_s')) or 20
  local waited_us = engine.now_us - tonumber(contact.queued_us)
  agent.available_us = tonumber(token)
  redis.call('HSET', contact.key, 'state', 'connected', 'agent', agent.name, 'token', token,
    'attempts', contact.attempts + 1, 'connected_us', text_of(engine.now_us))
  redis.call('HSET', agent.slots_key, token, contact.channel .. ' held ' .. contact.id)
  count(engine, contact, 'answered')
  count(engine, contact, 'wait_us', waited_us)
  if waited_us <= service_level_s * 1000000 then count(engine, contact, 'within') end
end
