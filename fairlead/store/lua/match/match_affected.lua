-- match_affected: after a change of configuration, agents who wait get contacts that have just become theirs.
-- KNOWS CHANNELS
-- USES match read_agent reindex
local function match_affected(engine, affected)
  local pools, added, owners = {}, {}, {}
  for _, name in ipairs(affected) do
    local agent = read_agent(engine, name)
    reindex(engine, agent)
    for _, channel in ipairs(CHANNELS) do
      if not added[agent.profile .. ' ' .. channel] then
        added[agent.profile .. ' ' .. channel] = true
        pools[#pools + 1] = { agent.profile, channel }
      end
    end
    if agent.own > 0 then owners[#owners + 1] = name end
  end
  match(engine, pools, owners)
end
