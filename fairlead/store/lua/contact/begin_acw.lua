-- begin_acw: after-contact work begins in the slot of a contact that has ended or gone on, where the agent or the queue
-- has some, until it is cleared when that is without limit. A paused task has no slot in which it could. Returns
-- whether it has begun.
-- EMITS contact.acw_started contact queue channel agent token reason
-- USES key_of terms_of
-- RARELY due_of emit of_channel set_slot text_of
local function begin_acw(engine, agent, slot, reason)
  local acw = agent.acw ~= '' and of_channel(agent.acw, slot.channel)
    or terms_of(engine, slot.queue, slot.channel).acw or '0'
  if acw == '0' or slot.kind == 'paused' then return false end
  set_slot(agent, slot.token, 'acw')
  if acw ~= 'unlimited' then
    local ends_us = text_of(engine.now_us + tonumber(acw) * 1000000)
    redis.call('ZADD', key_of(engine, 'due'), ends_us, due_of('slot', agent.name .. '/' .. slot.token))
  end
  emit(engine, 'contact.acw_started', 'contact', slot.contact, 'queue', slot.queue, 'channel', slot.channel,
    'agent', agent.name, 'token', slot.token, 'reason', reason or '')
  return true
end
