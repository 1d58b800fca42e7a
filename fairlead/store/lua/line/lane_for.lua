-- lane_for: the lane in which contacts that ask the same of an agent wait; "" is the plain line. Opens it when it is
-- not in use. A lane whose name ends with "-" is for contacts that rank younger than they are.
-- USES key_of
local function lane_for(engine, contact, expression)
  local is_younger = contact.rank > contact.queued_us
  if expression == '' and not is_younger then return '' end
  local pair, holds = contact.queue .. ':' .. contact.channel, (is_younger and '<' or '') .. expression
  local lanes_key = key_of(engine, 'lanes', pair)
  local lane = redis.call('HGET', lanes_key, holds)
  if lane then return lane end
  lane = redis.call('HINCRBY', engine.instance_key, 'lane', 1) .. (is_younger and '-' or '')
  redis.call('HSET', lanes_key, holds, lane)
  if not string.find(engine.laned, ' ' .. pair .. ' ', 1, true) then
    engine.laned = engine.laned .. pair .. ' '
    redis.call('HSET', engine.instance_key, 'laned', engine.laned)
  end
  return lane
end
