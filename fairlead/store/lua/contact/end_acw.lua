-- end_acw: after-contact work is over, cleared or timed out; the agent's availability clock starts anew.
-- USES end_contact key_of next_stamp restart_clock set_slot due_of
local function end_acw(engine, agent, contact, reason)
  redis.call('ZREM', key_of(engine, 'due'), due_of('acw', contact.id))
  set_slot(agent, contact.token, nil)
  local _, ended_us = next_stamp(engine)
  restart_clock(agent, contact, ended_us)
  end_contact(engine, contact, 'completed', reason)
end
