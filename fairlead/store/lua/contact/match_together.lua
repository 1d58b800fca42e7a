-- match_together: match what all_then_match has collected: contacts that are in line, agents who have become free, and
-- the {profile, channel} whose queues have opened or whose delays may have passed. Then contacts start for which there
-- had been no room.
-- KNOWS CHANNELS
-- USES crews_of fill match match_contact read_agent skip_steps start_contact wake
local function match_together(engine, later)
  local last, waiting, free = {}, {}, {}
  -- what came into line twice was read twice
  for _, contact in ipairs(later.contacts) do last[contact.id] = contact end
  for _, contact in ipairs(later.contacts) do
    if last[contact.id] == contact and redis.call('HGET', contact.key, 'state') == 'queued' then
      waiting[#waiting + 1] = contact
    end
  end
  for _, name in ipairs(later.agents) do free[#free + 1] = read_agent(engine, name) end
  if #waiting <= 1 and #free <= 1 and #later.crews == 0 then
    if waiting[1] then match_contact(engine, waiting[1]) end
    if free[1] and fill(engine, free[1]) > 0 then wake(engine, free[1]) end
  else
    local crews, owners, seen = {}, {}, {}
    local function add_crew(profile, channel)
      if not seen[profile .. ' ' .. channel] then crews[#crews + 1] = { profile, channel } end
      seen[profile .. ' ' .. channel] = true
    end
    local function add_owner(name)
      if name and not seen['@' .. name] and read_agent(engine, name) then owners[#owners + 1] = name end
      seen['@' .. (name or '')] = true
    end
    for _, contact in ipairs(waiting) do
      local waited_us = engine.now_us - tonumber(contact.queued_us)
      for _, crew in ipairs(crews_of(engine, contact.queue, contact.channel, waited_us)) do
        add_crew(crew[1], contact.channel)
      end
      add_owner(string.match(contact.queue, '^@(.+)$'))
    end
    for _, agent in ipairs(free) do
      for _, channel in ipairs(CHANNELS) do add_crew(agent.profile, channel) end
      if agent.own > 0 then add_owner(agent.name) end
    end
    for _, crew in ipairs(later.crews) do add_crew(crew[1], crew[2]) end
    match(engine, crews, owners)
  end
  for _, contact in ipairs(waiting) do skip_steps(engine, contact) end
  for _, contact in ipairs(later.starts) do start_contact(engine, contact) end
end
