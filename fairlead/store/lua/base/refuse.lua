-- refuse: a session's request is refused, and its number noted with the refusal: the same request gets the same answer
-- again, and an older one is refused as late.
-- USES text_of
local function refuse(agent, refusal)
  redis.call('HSET', agent.key, 'op', text_of(agent.op), 'asked', agent.asked,
    'refusal', text_of(agent.op) .. ' ' .. refusal)
  return redis.error_reply(refusal)
end
