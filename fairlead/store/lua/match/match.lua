-- match: walk the available agents of some profiles from the one available longest; each takes its own best contact.
-- `crews` is a list of {profile, channel}. Agents of one crew are alike but for what lanes ask, so one of them that
-- finds nothing ends the walk of its crew; for each lane of the queues that the crews serve, the agent who fits is
-- looked up. `owners` names agents in whose own queues contacts wait.
-- USES assign choose find_fit first_eligible key_of lanes_of prefer read_agent reindex wake
local function match(engine, crews, owners)
  local heads, lanes = {}, {}
  for place, crew in ipairs(crews) do
    heads[place] = crew
    if engine.laned ~= ' ' then
      local entries = redis.call('HGET', key_of(engine, 'profile', crew[1]), 'entries') or ''
      for delay_us, queue, channel in string.gmatch(entries, '%d+ (%d+) (%S+) (%S+) %d+') do
        if channel == crew[2] and not string.find(engine.closed, ' ' .. queue .. ' ', 1, true) then
          local found = lanes_of(engine, queue, channel)
          for one = 1, #found, 2 do
            lanes[#lanes + 1] = {
              profile = crew[1], queue = queue, channel = channel, delay_us = tonumber(delay_us), lane = found[one],
              expression = found[one + 1],
            }
          end
        end
      end
    end
  end
  while true do
    local first, since, head, lane, owner = nil, nil, nil, nil, nil
    for place, crew in ipairs(heads) do
      local row = redis.call('ZRANGE', key_of(engine, 'available', crew[1], crew[2]), 0, 0, 'WITHSCORES')
      if row[1] and (not first or tonumber(row[2]) < since or (tonumber(row[2]) == since and row[1] < first)) then
        first, since, head, lane = row[1], tonumber(row[2]), place, nil
      end
    end
    for place, one in ipairs(lanes) do
      local name, score
      if first_eligible(engine, one.queue, one.channel, one.lane, one.delay_us) then
        name, score = find_fit(engine, one.profile, one.channel, one.expression)
      end
      if name and (not first or score < since or (score == since and name < first)) then
        first, since, head, lane = name, score, nil, place
      end
    end
    for place, name in ipairs(owners or {}) do
      local agent = read_agent(engine, name)
      local is_longer = not first or agent.available_us < since or (agent.available_us == since and name < first)
      if agent.open ~= '' and is_longer then
        first, since, head, lane, owner = name, agent.available_us, nil, nil, place
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
      table.remove(lanes, lane)
    end
  end
end
