-- match_touched: after a change of configuration, agents who wait get contacts that have just become theirs.
-- USES channels fill key_of match read_agent reindex wake
local function match_touched(engine, touched)
  local crews, seen = {}, {}
  for _, name in ipairs(touched) do
    local agent, own = read_agent(engine, name), 0
    reindex(engine, agent)
    for _, channel in ipairs(channels()) do
      own = own + redis.call('EXISTS', key_of(engine, 'waiting', '@' .. name, channel))
      if not seen[agent.profile .. ' ' .. channel] then
        seen[agent.profile .. ' ' .. channel] = true
        crews[#crews + 1] = { agent.profile, channel }
      end
    end
    if own > 0 and fill(engine, agent) > 0 then wake(engine, agent) end
  end
  match(engine, crews)
end
