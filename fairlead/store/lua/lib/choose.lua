-- choose: the contact that the agent takes next, or nil; domain/choose.py is the rule.
-- The agent's own queue first, then the profile's entries by priority: the first priority that has an eligible
-- contact decides, and among its queues contact priority, effective age and arrival do. In a profile that shares by
-- weight all entries compete, and the one with the lowest pass goes first.
-- USES key_of channels may_be_offered lanes_of satisfies first_eligible precedes
local function choose(engine, agent)
  local best, free, own, has_free = nil, {}, {}, false
  for place, channel in ipairs(channels()) do
    free[channel] = may_be_offered(agent, channel)
    has_free = has_free or free[channel]
    own[place] = key_of(engine, 'waiting', '@' .. agent.name, channel)
  end
  if not has_free then return nil end
  local passes = {}
  local function consider(queue, channel, lane, delay_us, entry)
    local found = first_eligible(engine, queue, channel, lane, delay_us)
    if not found then return end
    local pass, least = passes[queue .. ':' .. channel] or 0, best and best.pass
    if not best or pass < least or (pass == least and precedes(found, best)) then
      best = found
      best.entry, best.pass = entry, pass
    end
  end
  local function consider_lanes(queue, channel, delay_us, entry)
    consider(queue, channel, '', delay_us, entry)
    local lanes = lanes_of(engine, queue, channel)
    for place = 1, #lanes, 2 do
      if satisfies(lanes[place + 1], agent.skills, agent.name) then
        consider(queue, channel, lanes[place], delay_us, entry)
      end
    end
  end
  if redis.call('EXISTS', unpack(own)) > 0 or string.find(engine.laned, ' @' .. agent.name .. ':', 1, true) then
    for _, channel in ipairs(channels()) do
      if free[channel] then consider_lanes('@' .. agent.name, channel, 0, { priority = '0' }) end
    end
    if best then return best end
  end
  if agent.is_weighted then
    local row = redis.call('HGETALL', key_of(engine, 'shares', agent.profile))
    for place = 1, #row, 2 do passes[row[place]] = tonumber(row[place + 1]) end
  end
  local before = nil
  for priority, delay_us, queue, channel, weight in string.gmatch(agent.entries, '(%d+) (%d+) (%S+) (%S+) (%d+)') do
    if best and priority ~= before and not agent.is_weighted then return best end
    before = priority
    if free[channel] and not string.find(engine.closed, ' ' .. queue .. ' ', 1, true) then
      consider_lanes(queue, channel, tonumber(delay_us), { priority = priority, weight = weight })
    end
  end
  return best
end
