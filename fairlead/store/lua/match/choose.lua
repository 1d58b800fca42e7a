-- choose: the contact that the agent takes next, or nil; domain/choose.py is the rule.
-- The agent's own queue first, then the profile's entries by priority: the first priority that has an eligible
-- contact decides, and among its queues contact priority, effective age and arrival do. In a profile that shares by
-- weight all entries compete, and the one with the lowest pass goes first.
-- `heads`: the heads of lines by their keys, for who chooses again and again; what has changed since is not in it.
-- USES line_key offerable_of precedes read_place
-- RARELY first_eligible is_at_limit is_word key_of satisfies tracks_of
local function choose(engine, agent, heads)
  local offerable = offerable_of(agent)
  if offerable == '' then return nil end
  local passes, member, priority, pass, queue, channel, track, entry_priority, weight
  local function is_better(one_pass, one_priority, one_member)
    if one_pass ~= pass then return not member or one_pass < pass end
    if one_priority ~= priority then return one_priority < priority end
    return precedes(one_priority, one_member, priority, member)
  end
  local function look(line, a_queue, a_channel, a_track, delay_us, by_priority, by_weight)
    local its_pass = passes and passes[a_queue .. ':' .. a_channel] or 0
    local head = heads and heads[line]
    if not head then
      head = redis.call('ZRANGE', line, '0', '0', 'WITHSCORES')
      if heads then heads[line] = head end
    end
    local its_member, its_priority = head[1], tonumber(head[2])
    -- all of a line come after its head, so a head that comes after the best needs no further look
    if not its_member or not is_better(its_pass, its_priority, its_member) then return end
    if delay_us ~= '0' then
      local found = first_eligible(engine, a_queue, a_channel, a_track, tonumber(delay_us))
      if not found or not is_better(its_pass, found.priority, found.place) then return end
      its_member, its_priority = found.place, found.priority
    end
    member, priority, pass, queue, channel, track = its_member, its_priority, its_pass, a_queue, a_channel, a_track
    entry_priority, weight = by_priority, by_weight
  end
  local look_at_tracks = engine.tracked ~= ' ' and function(a_queue, a_channel, delay_us, by_priority, by_weight)
    local tracks = tracks_of(engine, a_queue, a_channel)
    for place = 1, #tracks, 2 do
      if satisfies(tracks[place + 1], agent.skills, agent.name) then
        local line = line_key(engine, a_queue, a_channel, tracks[place])
        look(line, a_queue, a_channel, tracks[place], delay_us, by_priority, by_weight)
      end
    end
  end
  if agent.own > 0 then
    for one in string.gmatch(offerable, '%S+') do
      look(line_key(engine, '@' .. agent.name, one, ''), '@' .. agent.name, one, '', '0', '0')
      if look_at_tracks then look_at_tracks('@' .. agent.name, one, '0', '0') end
    end
  end
  if agent.is_weighted and not member then
    passes = {}
    local row = redis.call('HGETALL', key_of(engine, 'shares', agent.profile))
    for place = 1, #row, 2 do passes[row[place]] = tonumber(row[place + 1]) end
  end
  for _, entry in ipairs(agent.entries) do
    local of, by_priority, by_weight = entry.channel, entry.priority, entry.weight
    if member and by_priority ~= entry_priority and not passes then break end
    if string.find(offerable, of, 1, true) then
      for place, one in ipairs(entry.queues) do
        local is_open = engine.closed == ' ' or not is_word(engine.closed, one)
        if is_open and not (agent.has_limits and is_at_limit(agent, one, of)) then
          look(entry.lines[place], one, of, '', entry.delay_us, by_priority, by_weight)
          if look_at_tracks then look_at_tracks(one, of, entry.delay_us, by_priority, by_weight) end
        end
      end
    end
  end
  if not member then return nil end
  local contact = read_place(queue, channel, track, member, priority)
  contact.entry_priority, contact.weight, contact.pass = entry_priority, weight, pass
  return contact
end
