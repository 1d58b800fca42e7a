-- finish: the agent is done with the contact in a slot: after-contact work begins where the agent or its queue has
-- some, until it is cleared when that is without limit; else the contact ends. A paused task has no slot in which it
-- could.
-- EMITS contact.acw_started contact queue channel agent token reason
-- USES emit end_contact key_of of_channel set_slot text_of due_of
local function finish(engine, agent, slot, reason)
  local contact = {
    id = slot.contact, key = key_of(engine, 'contact', slot.contact), queue = slot.queue, channel = slot.channel,
    agent = agent.name, token = slot.token, connected_us = tonumber(slot.connected_us),
  }
  local acw = of_channel(agent.acw, contact.channel)
    or redis.call('HGET', key_of(engine, 'queue', contact.queue), 'acw:' .. contact.channel) or '0'
  if acw == '0' or agent.next_status ~= '' or slot.kind == 'paused' then
    set_slot(agent, contact.token, nil)
    return end_contact(engine, contact, 'completed', reason)
  end
  set_slot(agent, contact.token, 'acw')
  redis.call('HSET', contact.key, 'state', 'acw')
  redis.call('HDEL', key_of(engine, 'payloads'), contact.id)
  if acw ~= 'unlimited' then
    local ends_us = text_of(engine.now_us + tonumber(acw) * 1000000)
    redis.call('ZADD', key_of(engine, 'due'), ends_us, due_of('acw', contact.id))
  end
  emit(engine, 'contact.acw_started', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', agent.name, 'token', contact.token, 'reason', reason or '')
end
