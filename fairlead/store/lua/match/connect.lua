-- connect: the contact is answered by its agent at a stamp: the slot, the agent's availability clock, the customer's
-- last agent, the counters. A queue counts it as answered once, however often it comes back from agents.
-- KNOWS SERVED_S
-- USES count bucket_of now_text restart_clock
-- RARELY due_of key_of
local function connect(engine, agent, contact, slot, at_us)
  slot.connected_us = now_text(engine)
  restart_clock(agent, contact, at_us)
  if agent.misses > 0 then
    agent.misses = 0
    redis.call('HDEL', agent.key, 'misses')
  end
  redis.call('HSET', contact.key, 'state', 'connected', 'agent', agent.name, 'token', slot.token,
    'connected_us', slot.connected_us, 'answered', '1')
  if contact.waited_in and contact.waited_in ~= '' then redis.call('HDEL', contact.key, 'waited_in') end
  if contact.unanswered > 0 then redis.call('HSET', contact.key, 'unanswered', '0') end
  if contact.expires_us or contact.criteria or string.sub(contact.queue, 1, 1) == '@' then
    redis.call('ZREM', key_of(engine, 'due'), due_of('expiry', contact.id), due_of('step', contact.id),
      due_of('own', contact.id))
  end
  if contact.customer then
    redis.call('SET', key_of(engine, 'served', contact.customer), agent.name, 'EX', SERVED_S)
  end
  if not contact.answered then
    local waited_us, pair = engine.now_us - contact.entered_us, contact.queue .. ':' .. contact.channel
    count(engine, pair, 'a' .. bucket_of(waited_us))
    count(engine, pair, 'wait_us', waited_us)
  end
end
