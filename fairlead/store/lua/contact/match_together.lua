-- match_together: match what all_then_match has collected: contacts that are in line, agents who have become free, the
-- {profile, channel} whose queues have opened or whose delays may have passed, and agents in whose own queues contacts
-- wait; with them, in a script that catches up, what others have left. Then contacts start for which there had been no
-- room. When the engine is behind, others are still to come into line, and it is all left to whoever sweeps.
-- KNOWS AGENTS_READ CHANNELS MOST_POOLS
-- USES due_of key_of leave_unmatched match match_contact read_agent refill servers_of skip_steps start_contact text_of
local function match_together(engine, later)
  local last, waiting, free, pools, owners, added = {}, {}, {}, {}, {}, {}
  -- what came into line twice was read twice
  for _, contact in ipairs(later.contacts) do last[contact.id] = contact end
  for _, contact in ipairs(later.contacts) do
    if last[contact.id] == contact and redis.call('HGET', contact.key, 'state') == 'queued' then
      waiting[#waiting + 1] = contact
    end
  end
  for _, name in ipairs(later.agents) do free[#free + 1] = read_agent(engine, name) end
  local function add_pool(profile, channel, from)
    local pool = profile .. ' ' .. channel
    if not added[pool] then pools[#pools + 1] = { profile, channel, from = from } end
    added[pool] = true
  end
  local function add_owner(name)
    if name and not added['@' .. name] then owners[#owners + 1] = name end  -- who has left is done with, too
    added['@' .. (name or '')] = true
  end
  for _, pool in ipairs(later.pools) do add_pool(pool[1], pool[2]) end
  for _, name in ipairs(later.owners) do add_owner(name) end
  local function left(least, highest, most)
    return engine.catches_up
      and redis.call('ZRANGE', key_of(engine, 'unmatched'), least, highest, 'BYSCORE', 'LIMIT', 0, most, 'WITHSCORES')
      or {}
  end
  local left_pools, left_agents = left(0, 1, MOST_POOLS), left('(1', '+inf', AGENTS_READ)
  local is_one = #waiting <= 1 and #free <= 1 and #pools + #owners + #left_pools + #left_agents == 0
  if is_one and not engine.is_behind then
    if waiting[1] then match_contact(engine, waiting[1]) end
    if free[1] then refill(engine, free[1]) end
  else
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
    if engine.is_behind then
      leave_unmatched(engine, pools, owners)
    else
      for place = 1, #left_pools, 2 do
        local profile, channel = string.match(left_pools[place], '^(%S+) (%S+)$')
        add_pool(profile, channel, tonumber(left_pools[place + 1]))
      end
      local unread  -- there may be others after the last that was read: whoever comes after it has to wait for them
      for place = 1, #left_agents, 2 do
        unread = { name = string.sub(left_agents[place], 2), since = tonumber(left_agents[place + 1]) }
        add_owner(unread.name)
      end
      match(engine, pools, owners, unread)
    end
  end
  if engine.is_behind then
    local now_us = text_of(engine.now_us)
    for _, contact in ipairs(later.starts) do
      redis.call('ZADD', key_of(engine, 'due'), now_us, due_of('start', contact.id))
    end
    return
  end
  for _, contact in ipairs(waiting) do skip_steps(engine, contact) end
  for _, contact in ipairs(later.starts) do start_contact(engine, contact) end
end
