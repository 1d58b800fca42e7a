-- match: walk the available agents of some profiles from the one available longest; each takes its own best contact.
-- `pools` is a list of {profile, channel, from}. Agents of one pool are alike but for what tracks ask and for limits
-- that they have reached, so one of them that finds nothing ends the walk of its pool; for each track of the queues
-- that the pools serve, the agent who fits is looked up, and for each queue with a limit the agent who has not reached
-- it. `owners` names agents in whose own queues contacts wait. What is more than one script may do is left in
-- `unmatched`. `from` 0: nothing of the pool is done with; else its plain lines are, and tracks of lower numbers: a
-- pool with many tracks is walked in turns.
-- KNOWS TRACKS_AT_ONCE
-- USES assign choose entries_of find_fit first_eligible is_word key_of leave_unmatched prefer read_agent reindex spent
--      tracks_of wake
-- RARELY end_steps
local function match(engine, pools, owners)
  local candidates, tracks = {}, {}
  if engine.tracked ~= ' ' then end_steps(engine) end
  local function each_entry(pool, act)
    local profile = redis.call('HMGET', key_of(engine, 'profile', pool[1]), 'entries', 'limits')
    for _, entry in ipairs(entries_of(profile[1])) do
      local queue, channel, lane = entry.queue, entry.channel, entry.queue .. ':' .. entry.channel
      if channel == pool[2] and not is_word(engine.closed, queue) then
        local is_limited = string.find(profile[2] or '', ' ' .. lane .. '=', 1, true) ~= nil
        act({ pool = pool, queue = queue, channel = channel, delay_us = tonumber(entry.delay_us),
          lane = is_limited and lane or channel }, is_limited)
      end
    end
  end
  local function tracks_from(pool)
    local found = {}
    each_entry(pool, function(one)
      local row = tracks_of(engine, one.queue, one.channel)
      for place = 1, #row, 2 do
        local number = tonumber(string.match(row[place], '^%d+'))
        if number >= pool.from then
          found[#found + 1] = setmetatable({ track = row[place], number = number, expression = row[place + 1] },
            { __index = one })
        end
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
  for _, pool in ipairs(pools) do
    pool.from = pool.from or 0
    if pool.from == 0 then candidates[#candidates + 1] = { pool = pool, lane = pool[2] } end
    local found = engine.tracked ~= ' ' and tracks_from(pool) or {}
    if #tracks + #found > TRACKS_AT_ONCE then
      table.sort(found, function(one, other) return one.number < other.number end)
      pool.next = math.max(pool.from, 1)
    end
    for _, one in ipairs(found) do
      if #tracks < TRACKS_AT_ONCE then
        tracks[#tracks + 1], pool.next = one, pool.next and one.number + 1
      end
    end
  end
  for _, one in ipairs(tracks) do candidates[#candidates + 1] = one end
  for _, name in ipairs(owners) do candidates[#candidates + 1] = { owner = name } end
  local function look(one)
    one.is_known, one.name = true, nil
    if one.owner then
      local agent = read_agent(engine, one.owner)
      if agent and agent.offerable ~= '' then one.name, one.since = agent.name, tonumber(agent.available_us) end
    elseif not one.track then
      local row = redis.call('ZRANGE', key_of(engine, 'available', one.pool[1], one.pool[2]), 0, 0, 'WITHSCORES')
      one.name, one.since = row[1], tonumber(row[2])
    elseif first_eligible(engine, one.queue, one.channel, one.track, one.delay_us) then
      one.name, one.since = find_fit(engine, one.pool[1], one.lane, one.expression)
    end
  end
  local function next_one()
    local first
    for _, one in ipairs(candidates) do
      if not one.is_known and not one.is_done then look(one) end
      local is_able = one.name and not one.is_done
      if is_able and (not first or one.since < first.since or (one.since == first.since and one.name < first.name)) then
        first = one
      end
    end
    return first
  end
  local first = next_one()
  while first do
    local agent = read_agent(engine, first.name)
    local best = choose(engine, agent)
    if best then
      agent, best = prefer(engine, agent, best)
      assign(engine, agent, best)
      reindex(engine, agent)
      wake(engine, agent)
    else
      reindex(engine, agent)  -- its profile may have changed since it was put where it was found
      local is_there = first.owner or is_word(agent.offerable, first.lane)
      first.is_done, first.failed = is_there or first.failed == first.name, first.name
      if first.is_done and agent.has_limits and not first.owner and not first.track then look_at_limits(first.pool) end
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
    if pool.is_open or pool.next then
      pool.from = pool.is_open and pool.from or pool.next
      left_pools[#left_pools + 1] = pool
    else
      done[#done + 1] = pool[1] .. ' ' .. pool[2]
    end
  end
  if engine.catches_up and done[1] then redis.call('ZREM', key_of(engine, 'unmatched'), unpack(done)) end
  leave_unmatched(engine, left_pools, left_owners)
end
