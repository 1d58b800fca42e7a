-- end_acw: after-contact work is over, cleared or timed out; the agent's availability clock starts anew, but not after
-- outbound work where the profile's timer counts from the last inbound contact.
-- USES end_contact key_of next_stamp set_slot
local function end_acw(engine, agent, contact, reason)
  redis.call('ZREM', key_of(engine, 'due'), 'acw:' .. contact.id)
  set_slot(agent, contact.token, nil)
  if not (agent.has_inbound_timer and contact.direction == 'outbound') then agent.available_us = next_stamp(engine) end
  end_contact(engine, contact, 'completed', reason)
end
