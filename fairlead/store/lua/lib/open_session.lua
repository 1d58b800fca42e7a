-- open_session: check that the request comes from the agent's session and is not older than one already made.
-- Returns an error reply, or nil and whether the request is new (false: a repetition, to be answered without effect).
local function open_session(agent_key, agent, epoch, op)
  local row = redis.call('HMGET', agent_key, 'epoch', 'op')
  if row[1] ~= epoch then return redis.error_reply('SESSION_ENDED ' .. agent), false end
  if tonumber(op) < tonumber(row[2]) then
    return redis.error_reply('STALE_OPERATION ' .. agent .. ' ' .. op .. ' ' .. row[2]), false
  end
  return nil, tonumber(op) > tonumber(row[2])
end
