-- apply_status: a signed-in agent's status may have another type now, or none, which is as if it were custom. Returns
-- whether that makes a difference.
-- USES change_status read_agent
local function apply_status(engine, target, name, status)
  local type = target.status[status] and target.status[status][1]
  local agent = read_agent(engine, name)
  if agent.is_routable == (type == 'routable') then return false end
  local next_status = agent.next_status
  change_status(engine, agent, status, type == 'routable', 'configured')
  if next_status ~= '' then redis.call('HSET', agent.key, 'next_status', next_status) end
  return true
end
