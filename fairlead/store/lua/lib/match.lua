-- match: walk the available agents of some profiles from the one available longest; each takes its own best contact.
-- `crews` is a list of {profile, channel}. Agents of one crew are alike, so one of them that finds nothing ends the
-- walk of its crew. Stops early when `is_done()` says so.
-- USES assign choose key_of read_agent reindex wake
local function match(engine, crews, is_done)
  while true do
    local first, since, crew = nil, nil, nil
    for place, one in ipairs(crews) do
      local head = redis.call('ZRANGE', key_of(engine, 'available', one[1], one[2]), 0, 0, 'WITHSCORES')
      if head[1] and (not first or tonumber(head[2]) < since) then
        first, since, crew = head[1], tonumber(head[2]), place
      end
    end
    if not first then return end
    local agent = read_agent(engine, first)
    local best = choose(engine, agent)
    if best then
      assign(engine, agent, best)
      reindex(engine, agent)
      wake(engine, agent)
      if is_done and is_done() then return end
    else
      table.remove(crews, crew)
    end
  end
end
