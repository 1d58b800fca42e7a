-- choose: the contact that the agent takes next, or nil; domain/choose.py is the rule.
-- The agent's own queue first, then the profile's entries by priority: the first priority that has an eligible
-- contact decides, and among its queues contact priority, effective age and arrival do. In a profile that shares by
-- weight all entries compete, and the one with the lowest pass goes first.
-- KNOWS CHANNELS
-- USES key_of may_be_offered line_key precedes read_place
-- RARELY first_eligible satisfies tracks_of
local function choose(engine, agent)
  local free, has_free = {}, false
  for _, channel in ipairs(CHANNELS) do
    free[channel] = may_be_offered(agent, channel)
    has_free = has_free or free[channel]
  end
  if not has_free then return nil end
  local passes, best = {}, nil
  local function is_better(pass, priority, member)
    if not best or pass ~= best.pass then return not best or pass < best.pass end
    return precedes(priority, member, best.priority, best.member)
  end
  local function look(queue, channel, track, delay_us, entry_priority, weight)
    local pass = agent.is_weighted and passes[queue .. ':' .. channel] or 0
    local head = redis.call('ZRANGE', line_key(engine, queue, channel, track), '0', '0', 'WITHSCORES')
    local priority, member = tonumber(head[2]), head[1]
    -- all of a line come after its head, so a head that comes after the best needs no further look
    if not member or not is_better(pass, priority, member) then return end
    if delay_us > 0 then
      local found = first_eligible(engine, queue, channel, track, delay_us)
      if not found or not is_better(pass, found.priority, found.place) then return end
      priority, member = found.priority, found.place
    end
    best = { queue = queue, channel = channel, track = track, member = member, priority = priority, pass = pass,
      entry_priority = entry_priority, weight = weight }
  end
  local function look_at_all(queue, channel, delay_us, entry_priority, weight)
    look(queue, channel, '', delay_us, entry_priority, weight)
    if engine.tracked == ' ' then return end
    local tracks = tracks_of(engine, queue, channel)
    for place = 1, #tracks, 2 do
      if satisfies(tracks[place + 1], agent.skills, agent.name) then
        look(queue, channel, tracks[place], delay_us, entry_priority, weight)
      end
    end
  end
  local function chosen()
    if not best then return nil end
    local contact = read_place(best.queue, best.channel, best.track, best.member, best.priority)
    contact.entry_priority, contact.weight, contact.pass = best.entry_priority, best.weight, best.pass
    return contact
  end
  if agent.own > 0 then
    for _, channel in ipairs(CHANNELS) do
      if free[channel] then look_at_all('@' .. agent.name, channel, 0, '0') end
    end
    if best then return chosen() end
  end
  if agent.is_weighted then
    local row = redis.call('HGETALL', key_of(engine, 'shares', agent.profile))
    for place = 1, #row, 2 do passes[row[place]] = tonumber(row[place + 1]) end
  end
  local before, is_any_closed = nil, engine.closed ~= ' '
  for priority, delay_us, queue, channel, weight in string.gmatch(agent.entries, '(%d+) (%d+) (%S+) (%S+) (%d+)') do
    if best and priority ~= before and not agent.is_weighted then return chosen() end
    before = priority
    if free[channel] and not (is_any_closed and string.find(engine.closed, ' ' .. queue .. ' ', 1, true)) then
      look_at_all(queue, channel, tonumber(delay_us), priority, weight)
    end
  end
  return chosen()
end
