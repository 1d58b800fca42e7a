-- match_together: match what all_then_match has collected: contacts that are in line, agents who have become free, and
-- the {profile, channel} whose queues have opened or whose delays may have passed. Then contacts start for which there
-- had been no room.
-- KNOWS CHANNELS
-- USES servers_of fill match match_contact read_agent skip_steps start_contact wake
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
  if #waiting <= 1 and #free <= 1 and #later.pools == 0 then
    if waiting[1] then match_contact(engine, waiting[1]) end
    if free[1] and fill(engine, free[1]) > 0 then wake(engine, free[1]) end
  else
    local pools, owners, added = {}, {}, {}
    local function add_pool(profile, channel)
      if not added[profile .. ' ' .. channel] then pools[#pools + 1] = { profile, channel } end
      added[profile .. ' ' .. channel] = true
    end
    local function add_owner(name)
      if name and not added['@' .. name] and read_agent(engine, name) then owners[#owners + 1] = name end
      added['@' .. (name or '')] = true
    end
    for _, contact in ipairs(waiting) do
      local waited_us = engine.now_us - tonumber(contact.queued_us)
      for _, server in ipairs(servers_of(engine, contact.queue, contact.channel, waited_us)) do
        add_pool(server[1], contact.channel)
      end
      add_owner(string.match(contact.queue, '^@(.+)$'))
    end
    for _, agent in ipairs(free) do
      for _, channel in ipairs(CHANNELS) do add_pool(agent.profile, channel) end
      if agent.own > 0 then add_owner(agent.name) end
    end
    for _, pool in ipairs(later.pools) do add_pool(pool[1], pool[2]) end
    match(engine, pools, owners)
  end
  for _, contact in ipairs(waiting) do skip_steps(engine, contact) end
  for _, contact in ipairs(later.starts) do start_contact(engine, contact) end
end
