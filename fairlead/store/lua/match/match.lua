-- match: walk the available agents of some profiles from the one available longest; each takes its own best contact.
-- `pools` is a list of {profile, channel, from}. Agents of one pool are alike but for what tracks ask and for limits
-- that they have reached, so one of them that finds nothing ends the walk of its pool; for each track of the queues
-- that the pools serve, the agent who fits is looked up, and for each queue with a limit the agent who has not reached
-- it. Where there are too many tracks for that, all agents of the pool are walked, and of those whom nothing tells from
-- one who has found nothing, no other is asked. `owners` names agents in whose own queues contacts wait, or whom such a
-- walk has not come to. What is more than one script may do is left in
-- `unmatched`. `from` 0: nothing of the pool is done with; else its plain lines are. `unread`: the last of the owners
-- that were read, where there may be more; nobody is walked who comes after it.
-- KNOWS TRACKS_AT_ONCE
-- USES assign choose find_fit first_eligible is_word key_of leave_unmatched prefer profile_of read_agent reindex
--      spent tracks_of wake
-- RARELY end_steps
local function match(engine, pools, owners, unread)
  local candidates, tracks, nothing_for, named = {}, {}, {}, nil
  if engine.tracked ~= ' ' then end_steps(engine) end
  local function each_entry(pool, act)
    local profile = profile_of(engine, pool[1])
    for _, entry in ipairs(profile.entries) do
      for _, queue in ipairs(entry.channel == pool[2] and entry.queues or {}) do
        if not is_word(engine.closed, queue) then
          local lane = queue .. ':' .. entry.channel
          local is_limited = profile.limits[lane] ~= nil
          act({ pool = pool, queue = queue, channel = entry.channel, delay_us = tonumber(entry.delay_us),
            lane = is_limited and lane or entry.channel }, is_limited)
        end
      end
    end
  end
  local function tracks_in(pool)
    local found = {}
    each_entry(pool, function(one)
      local row = tracks_of(engine, one.queue, one.channel)
      for place = 1, #row, 2 do
        found[#found + 1] = setmetatable({ track = row[place], expression = row[place + 1] }, { __index = one })
      end
    end)
    return found
  end
  local function look_at_limits(pool)
    each_entry(pool, function(one, is_limited)
      one.track, one.expression = '', ''
      if is_limited then candidates[#candidates + 1] = one end
    end)
  end
  local function all_named()
    local found = {}
    for pair in string.gmatch(engine.tracked, '%S+') do
      for _, holds in ipairs(redis.call('HKEYS', key_of(engine, 'tracks', pair))) do
        for names in string.gmatch(holds, '@([^&|]+)') do
          for name in string.gmatch(names, '[^,]+') do found[name] = true end
        end
      end
    end
    return found
  end
  local function kind_of(agent)
    if agent.own > 0 then return nil end
    named = named or all_named()
    if named[agent.name] then return nil end
    reindex(engine, agent)
    return agent.pools .. ' ' .. agent.offerable
  end
  for _, pool in ipairs(pools) do
    pool.from = pool.from or 0
    local found = engine.tracked ~= ' ' and tracks_in(pool) or {}
    if #tracks + #found > TRACKS_AT_ONCE then
      pool.passed = 0
    else
      for _, one in ipairs(found) do tracks[#tracks + 1] = one end
    end
    if pool.from == 0 or pool.passed then candidates[#candidates + 1] = { pool = pool, lane = pool[2] } end
  end
  for _, one in ipairs(tracks) do candidates[#candidates + 1] = one end
  for _, name in ipairs(owners) do candidates[#candidates + 1] = { owner = name } end
  local function look(one)
    one.is_known, one.name = true, nil
    if one.owner then
      local agent = read_agent(engine, one.owner)
      if agent and agent.offerable ~= '' then one.name, one.since = agent.name, tonumber(agent.available_us) end
    elseif not one.track then
      local place, available_key = one.pool.passed or 0, key_of(engine, 'available', one.pool[1], one.pool[2])
      local row = redis.call('ZRANGE', available_key, place, place, 'WITHSCORES')
      one.name, one.since = row[1], tonumber(row[2])
    elseif first_eligible(engine, one.queue, one.channel, one.track, one.delay_us) then
      one.name, one.since = find_fit(engine, one.pool[1], one.lane, one.expression)
    end
  end
  local function next_one()
    local first = unread
    for _, one in ipairs(candidates) do
      if not one.is_known and not one.is_done then look(one) end
      if one.name and not one.is_done then
        local is_tied = first and one.since == first.since and one.name <= first.name
        if not first or one.since < first.since or is_tied then first = one end
      end
    end
    return first
  end
  local first = next_one()
  while first and first ~= unread do
    local agent = read_agent(engine, first.name)
    local kind = (first.owner or first.pool.passed) and kind_of(agent)
    local best = not (kind and nothing_for[kind]) and choose(engine, agent)
    if best then
      agent, best = prefer(engine, agent, best)
      assign(engine, agent, best)
      reindex(engine, agent)
      wake(engine, agent)
    else
      if kind then nothing_for[kind] = true end
      reindex(engine, agent)  -- its profile may have changed since it was put where it was found
      local is_there = first.owner or is_word(agent.offerable, first.lane)
      local is_over = is_there or first.failed == first.name
      first.failed = first.name
      if first.pool and first.pool.passed and is_over then
        first.pool.passed = first.pool.passed + 1
      else
        first.is_done = is_over
        if is_over and agent.has_limits and not first.owner and not first.track then look_at_limits(first.pool) end
      end
    end
    for _, one in ipairs(candidates) do
      local is_its_track = best and one.track == best.track and one.queue == best.queue and one.channel == best.channel
      if one.name == agent.name or is_its_track then one.is_known = false end
    end
    first = next_one()
    if spent() then break end
  end
  local left_pools, left_owners, done = {}, {}, {}
  for _, one in ipairs(candidates) do
    local is_open = first and one.name and not one.is_done
    if one.owner then
      table.insert(is_open and left_owners or done, is_open and one.owner or '@' .. one.owner)
    elseif is_open then
      one.pool.is_open = true
      if one.track == '' then one.pool.from = 0 end
    elseif not one.track then
      one.pool.from = 1
    end
  end
  for _, pool in ipairs(pools) do
    if pool.is_open then left_pools[#left_pools + 1] = pool end
    if not pool.is_open or pool.passed then done[#done + 1] = pool[1] .. ' ' .. pool[2] end
  end
  if engine.catches_up and done[1] then redis.call('ZREM', key_of(engine, 'unmatched'), unpack(done)) end
  leave_unmatched(engine, left_pools, left_owners)
end
