-- by_choice: an agent who may take a contact, and all who are available for it and satisfy what it asks, in the order
-- in which its queue's choice prefers them; domain/choose.py, preference, is the rule. Of each profile so many of
-- those available longest are asked, or, where nobody else is preferred (`is_last_enough`), only who served the
-- customer last.
-- KNOWS AGENTS_ASKED
-- USES servers_of key_of tracks_of read_agent satisfies
local function by_choice(engine, agent, contact, choice, is_last_enough)
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
    if choice == 'longest_idle' then return 0 end
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
  local found, ranks = { agent }, { [agent.name] = rank(agent) }
  local function asked(available_key)
    if choice == 'last_agent' and is_last_enough then
      return redis.call('ZSCORE', available_key, last) and { last } or {}
    end
    return redis.call('ZRANGE', available_key, 0, AGENTS_ASKED - 1)
  end
  for _, server in ipairs(servers_of(engine, contact.queue, contact.channel, engine.now_us - contact.queued_us)) do
    for _, name in ipairs(asked(key_of(engine, 'available', server[1], server.lane))) do
      local other = read_agent(engine, name)
      if not ranks[name] and satisfies(expression, other.skills, name) then
        found[#found + 1], ranks[name] = other, rank(other)
      end
    end
  end
  table.sort(found, function(one, other)
    if ranks[one.name] ~= ranks[other.name] then return ranks[one.name] < ranks[other.name] end
    local since_us, its_since_us = tonumber(one.available_us), tonumber(other.available_us)
    if choice == 'round_robin' or since_us == its_since_us then return one.name < other.name end
    return since_us < its_since_us
  end)
  return found
end
