-- open_session: the agent whose session makes the request, when it is its session and no older than a request made.
-- Returns the agent, or nil and an error reply. `agent.is_new` is false for a repetition: answer it without effect.
-- What has the number of the last request and asks for something else is none: somebody else has used the number.
-- USES read_agent
local function open_session(engine, name, epoch, op, asked)
  local agent = read_agent(engine, name)
  if not agent or agent.epoch ~= epoch then return nil, redis.error_reply('SESSION_ENDED ' .. name) end
  local number, last = tonumber(op), tonumber(agent.op)
  if number < last then
    return nil, redis.error_reply('STALE_OPERATION ' .. name .. ' ' .. op .. ' ' .. agent.op)
  elseif number > last then
    agent.is_new, agent.has_new_op, agent.op, agent.asked = true, true, op, asked
    return agent
  elseif asked ~= agent.asked then
    return nil, redis.error_reply('OPERATION_REUSED ' .. name .. ' ' .. op)
  end
  local refused = string.match(agent.refusal, '^' .. op .. ' (.+)$')
  if refused then return nil, redis.error_reply(refused) end
  return agent
end
