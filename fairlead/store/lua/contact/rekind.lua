-- rekind: a contact that an agent holds is put on hold, paused, or connected again: `kind` of slot and state alike.
-- EMITS contact.held contact queue channel agent token
-- EMITS contact.paused contact queue channel agent token
-- EMITS contact.resumed contact queue channel agent token
-- USES emit set_slot
local function rekind(engine, agent, contact, kind, event)
  set_slot(agent, contact.token, kind)
  redis.call('HSET', contact.key, 'state', kind)
  emit(engine, event, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel, 'agent', agent.name,
    'token', contact.token)
end
