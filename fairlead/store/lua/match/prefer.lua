-- prefer: of those who may take a contact now, the agent that its queue's choice prefers; domain/choose.py, preference,
-- is the rule. `agent` is the one available longest, and stays when the queue has no other choice. Of each profile the
-- hundred available longest are asked, or only who served the customer last. Returns the agent, and the contact as that
-- agent's profile sees it.
-- USES choose servers_of key_of tracks_of read_agent satisfies
local function prefer(engine, agent, contact)
  local choice = string.match(engine.choices, ' ' .. string.gsub(contact.queue, '[%-%.]', '%%%0') .. '=(%S+) ')
  if not choice or string.sub(contact.queue, 1, 1) == '@' then return agent, contact end
  local expression, tracks = '', tracks_of(engine, contact.queue, contact.channel)
  for place = 1, #tracks, 2 do
    if tracks[place] == contact.track then expression = tracks[place + 1] end
  end
  local last, proficiency = '', string.match(choice, ':(.+)$')
  if choice == 'round_robin' then
    last = redis.call('HGET', key_of(engine, 'turns'), contact.queue) or ''
  elseif choice == 'last_agent' then
    local customer = redis.call('HGET', key_of(engine, 'contact', contact.id), 'customer')
    last = customer and redis.call('GET', key_of(engine, 'served', customer)) or ''
  end
  local function level(one, skill)
    return tonumber(string.match(one.skills, ',' .. string.gsub(skill, '[%-%.]', '%%%0') .. '=(%d)') or 0)
  end
  local function rank(one)
    if choice == 'least_loaded' then return one.used_in_all end
    if choice == 'lowest_load_ratio' then
      local most = 0
      for _, slots in pairs(one.most) do most = most + slots end
      return one.used_in_all / (one.capacity > 0 and math.min(one.capacity, most) or most)
    end
    if choice == 'round_robin' then return one.name <= last and 1 or 0 end
    if proficiency then return -level(one, proficiency) end
    if choice == 'last_agent' then return one.name == last and 0 or 1 end
    local sum, counted = 0, {}
    for condition in string.gmatch(expression, '[^&|]+') do
      local skill = string.match(condition, '^([^!@~][^~]*)~')  -- what is asked for, not what is under NOT
      if skill and not counted[skill] then
        counted[skill] = true
        sum = sum + level(one, skill)
      end
    end
    return -sum
  end
  local function asked(available_key)
    if choice ~= 'last_agent' then return redis.call('ZRANGE', available_key, 0, 99) end
    return redis.call('ZSCORE', available_key, last) and { last } or {}
  end
  local function precedes_in_turn(one, other)
    if choice == 'round_robin' then return one.name < other.name end
    return tonumber(one.available_us) < tonumber(other.available_us)
  end
  local best, best_contact, best_rank = agent, contact, rank(agent)
  for _, server in ipairs(servers_of(engine, contact.queue, contact.channel, engine.now_us - contact.queued_us)) do
    for _, name in ipairs(asked(key_of(engine, 'available', server[1], contact.channel))) do
      local other = read_agent(engine, name)
      local other_rank = rank(other)
      local is_better = other_rank < best_rank or (other_rank == best_rank and precedes_in_turn(other, best))
      if is_better and satisfies(expression, other.skills, name) then
        local own_best = choose(engine, other)
        if own_best and own_best.id == contact.id then
          best, best_contact, best_rank = other, own_best, other_rank
        end
      end
    end
  end
  return best, best_contact
end
