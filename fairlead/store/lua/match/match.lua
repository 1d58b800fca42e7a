-- match: walk the available agents of some profiles from the one available longest; each takes its own best contact.
-- `pools` is a list of {profile, channel}. Agents of one pool are alike but for what tracks ask, so one of them that
-- finds nothing ends the walk of its pool; for each track of the queues that the pools serve, the agent who fits is
-- looked up. `owners` names agents in whose own queues contacts wait.
-- USES assign choose find_fit first_eligible key_of tracks_of prefer read_agent reindex wake
local function match(engine, pools, owners)
  local heads, tracks = {}, {}
  for place, pool in ipairs(pools) do
    heads[place] = pool
    if engine.tracked ~= ' ' then
      local entries = redis.call('HGET', key_of(engine, 'profile', pool[1]), 'entries') or ''
      for delay_us, queue, channel in string.gmatch(entries, '%d+ (%d+) (%S+) (%S+) %d+') do
        if channel == pool[2] and not string.find(engine.closed, ' ' .. queue .. ' ', 1, true) then
          local found = tracks_of(engine, queue, channel)
          for one = 1, #found, 2 do
            tracks[#tracks + 1] = {
              profile = pool[1], queue = queue, channel = channel, delay_us = tonumber(delay_us), track = found[one],
              expression = found[one + 1],
            }
          end
        end
      end
    end
  end
  while true do
    local first, since, head, track, owner = nil, nil, nil, nil, nil
    for place, pool in ipairs(heads) do
      local row = redis.call('ZRANGE', key_of(engine, 'available', pool[1], pool[2]), 0, 0, 'WITHSCORES')
      if row[1] and (not first or tonumber(row[2]) < since or (tonumber(row[2]) == since and row[1] < first)) then
        first, since, head, track = row[1], tonumber(row[2]), place, nil
      end
    end
    for place, one in ipairs(tracks) do
      local name, score
      if first_eligible(engine, one.queue, one.channel, one.track, one.delay_us) then
        name, score = find_fit(engine, one.profile, one.channel, one.expression)
      end
      if name and (not first or score < since or (score == since and name < first)) then
        first, since, head, track = name, score, nil, place
      end
    end
    for place, name in ipairs(owners or {}) do
      local agent = read_agent(engine, name)
      local is_longer = not first or agent.available_us < since or (agent.available_us == since and name < first)
      if agent.offerable ~= '' and is_longer then
        first, since, head, track, owner = name, agent.available_us, nil, nil, place
      end
    end
    if not first then return end
    local agent = read_agent(engine, first)
    local best = choose(engine, agent)
    if best then
      agent, best = prefer(engine, agent, best)
      assign(engine, agent, best)
      reindex(engine, agent)
      wake(engine, agent)
    elseif owner then
      table.remove(owners, owner)
    elseif head then
      table.remove(heads, head)
    else
      table.remove(tracks, track)
    end
  end
end
