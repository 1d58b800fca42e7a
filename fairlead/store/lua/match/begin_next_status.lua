-- begin_next_status: the agent's last slot is free: the status that was to come next begins.
-- USES change_status key_of status_type
local function begin_next_status(engine, agent)
  local type = status_type(key_of(engine, 'statuses'), agent.next_status)
  change_status(engine, agent, agent.next_status, type == 'routable', 'next_status')
end
