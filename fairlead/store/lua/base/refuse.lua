-- refuse: a session's request is refused, and its number noted with the refusal: the same request gets the same answer
-- again, and an older one is refused as late.
local function refuse(agent, refusal)
  redis.call('HSET', agent.key, 'op', agent.op, 'asked', agent.asked, 'refusal', agent.op .. ' ' .. refusal)
  return redis.error_reply(refusal)
end
