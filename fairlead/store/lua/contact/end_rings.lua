-- end_rings: a contact rings no more at any but the agent that it is looked at as the one of: the others are done with
-- it, and none of them has missed it. `reason` answered: that agent has accepted it; gone: it goes elsewhere, or ends.
-- Returns those agents, whose slots are free.
-- EMITS contact.rescinded contact queue channel agent token reason
-- USES count due_of emit free_slot key_of read_agent
local function end_rings(engine, contact, reason)
  local due_key, others = key_of(engine, 'due'), {}
  redis.call('ZREM', due_key, due_of('ring', contact.agent .. '/' .. contact.token))
  for name, token in string.gmatch(contact.rings, '(%S+) (%d+);') do
    redis.call('ZREM', due_key, due_of('ring', name .. '/' .. token))
    free_slot(engine, name, token)
    others[#others + 1] = read_agent(engine, name)
    if reason == 'answered' then
      count(engine, contact.queue .. ':' .. contact.channel, 'rescinded')
      count(engine, name, 'rescinded')
    end
    emit(engine, 'contact.rescinded', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'agent', name, 'token', token, 'reason', reason)
  end
  redis.call('HDEL', contact.key, 'rings')
  contact.rings = nil
  return others
end
