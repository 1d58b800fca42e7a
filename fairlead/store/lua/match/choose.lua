-- choose: the contact that the agent takes next, or nil; domain/choose.py is the rule.
-- The agent's own queue first, then the profile's entries by priority: the first priority that has an eligible
-- contact decides, and among its queues contact priority, effective age and arrival do. In a profile that shares by
-- weight all entries compete, and the one with the lowest pass goes first.
-- KNOWS CHANNELS
-- USES key_of may_be_offered tracks_of satisfies first_eligible precedes
local function choose(engine, agent)
  local best, free, has_free = nil, {}, false
  for _, channel in ipairs(CHANNELS) do
    free[channel] = may_be_offered(agent, channel)
    has_free = has_free or free[channel]
  end
  if not has_free then return nil end
  local passes = {}
  local function consider(found, priority, weight)
    local pass, least = passes[found.queue .. ':' .. found.channel] or 0, best and best.pass
    if not best or pass < least or (pass == least and precedes(found, best)) then
      best = found
      best.entry_priority, best.weight, best.pass = priority, weight, pass
    end
  end
  local function consider_lines(queue, channel, delay_us, priority, weight)
    local found = first_eligible(engine, queue, channel, '', delay_us)
    if found then consider(found, priority, weight) end
    if engine.tracked == ' ' then return end
    local tracks = tracks_of(engine, queue, channel)
    for place = 1, #tracks, 2 do
      if satisfies(tracks[place + 1], agent.skills, agent.name) then
        found = first_eligible(engine, queue, channel, tracks[place], delay_us)
        if found then consider(found, priority, weight) end
      end
    end
  end
  if agent.own > 0 then
    for _, channel in ipairs(CHANNELS) do
      if free[channel] then consider_lines('@' .. agent.name, channel, 0, '0') end
    end
    if best then return best end
  end
  if agent.is_weighted then
    local row = redis.call('HGETALL', key_of(engine, 'shares', agent.profile))
    for place = 1, #row, 2 do passes[row[place]] = tonumber(row[place + 1]) end
  end
  local before, is_any_closed = nil, engine.closed ~= ' '
  for priority, delay_us, queue, channel, weight in string.gmatch(agent.entries, '(%d+) (%d+) (%S+) (%S+) (%d+)') do
    if best and priority ~= before and not agent.is_weighted then return best end
    before = priority
    if free[channel] and not (is_any_closed and string.find(engine.closed, ' ' .. queue .. ' ', 1, true)) then
      consider_lines(queue, channel, tonumber(delay_us), priority, weight)
    end
  end
  return best
end
