-- match_touched: after a change of configuration, agents who wait get contacts that have just become theirs.
-- KNOWS CHANNELS
-- USES match read_agent reindex
local function match_touched(engine, touched)
  local crews, seen, owners = {}, {}, {}
  for _, name in ipairs(touched) do
    local agent = read_agent(engine, name)
    reindex(engine, agent)
    for _, channel in ipairs(CHANNELS) do
      if not seen[agent.profile .. ' ' .. channel] then
        seen[agent.profile .. ' ' .. channel] = true
        crews[#crews + 1] = { agent.profile, channel }
      end
    end
    if agent.own > 0 then owners[#owners + 1] = name end
  end
  match(engine, crews, owners)
end
