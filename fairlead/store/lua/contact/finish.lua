-- finish: the agent is done with the contact in a slot: after-contact work begins where there is some, else the contact
-- ends.
-- USES begin_acw end_contact end_part key_of set_slot
local function finish(engine, agent, slot, reason)
  local contact = {
    id = slot.contact, key = key_of(engine, 'contact', slot.contact), queue = slot.queue, channel = slot.channel,
    agent = agent.name, token = slot.token, connected_us = tonumber(slot.connected_us),
  }
  if begin_acw(engine, agent, slot, reason) then
    redis.call('HSET', contact.key, 'state', 'acw')
    redis.call('HDEL', key_of(engine, 'payloads'), contact.id)
    return
  end
  set_slot(agent, slot.token, nil)
  end_part(engine, agent, slot)
  end_contact(engine, contact, 'completed', reason)
end
