-- assign: give a waiting contact to an agent: connected at once when the session accepts by itself, else offered.
-- USES connect emit key_of next_stamp text_of
local function assign(engine, agent, chosen)
  local contact, token = chosen, text_of(next_stamp(engine))
  contact.key = key_of(engine, 'contact', contact.id)
  contact.attempts = tonumber(redis.call('HGET', contact.key, 'attempts')) or 0
  redis.call('ZREM', key_of(engine, 'waiting', contact.queue, contact.channel), contact.member)
  agent.used[contact.channel] = agent.used[contact.channel] + 1
  agent.used_in_all = agent.used_in_all + 1
  agent.slots[#agent.slots + 1] = { token = token, channel = contact.channel, contact = contact.id }
  local name, deadline_us = 'contact.connected', ''
  if agent.auto_accept then
    connect(engine, agent, contact, token)
  else
    local window_ms = redis.call('HGET', key_of(engine, 'queue', contact.queue), contact.channel) or '20000'
    name, deadline_us = 'contact.offered', text_of(engine.now_us + tonumber(window_ms) * 1000)
    redis.call('HSET', contact.key, 'state', 'offered', 'agent', agent.name, 'token', token)
    redis.call('HSET', agent.slots_key, token, contact.channel .. ' offered ' .. contact.id)
    redis.call('ZADD', key_of(engine, 'offered', contact.queue, contact.channel), contact.priority, contact.member)
    redis.call('ZADD', key_of(engine, 'due'), deadline_us, 'offer:' .. contact.id)
  end
  emit(engine, name, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel, 'agent', agent.name,
    'token', token, 'attempt', contact.attempts + 1, 'profile', agent.profile,
    'profile_version', agent.profile_version, 'entry_priority', contact.entry_priority,
    'waited_us', text_of(engine.now_us - contact.queued_us), 'deadline_us', deadline_us)
end
