-- restart_clock: the agent's availability clock starts anew, but for outbound work in a profile whose timer counts from
-- the last inbound contact.
local function restart_clock(agent, contact, at_us)
  if not (agent.has_inbound_timer and contact.direction == 'outbound') then agent.available_us = at_us end
end
