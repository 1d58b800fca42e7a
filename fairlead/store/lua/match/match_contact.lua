-- match_contact: find an agent for a contact that has just come into its line.
-- Of all agents, over all profiles that serve it and whose delay has passed, the one available longest; the queue may
-- choose otherwise. Whoever is found takes its own best contact: another one when its delay has passed since the last
-- sweep; then the next is looked for. Whoever can take nothing is not what it was when it was put there, and is put
-- where it belongs. After so many, the pools are left to whoever sweeps.
-- USES asked_of assign choose servers_of fill find_fit leave_unmatched may_be_offered prefer read_agent reindex wake
local function match_contact(engine, contact)
  local owner, MOST = string.match(contact.queue, '^@(.+)$'), 30
  if owner then
    local agent = read_agent(engine, owner)
    if agent and may_be_offered(agent, contact.channel) and fill(engine, agent) > 0 then wake(engine, agent) end
    return
  end
  if string.find(engine.closed, ' ' .. contact.queue .. ' ', 1, true) then return end
  local servers = servers_of(engine, contact.queue, contact.channel, engine.now_us - tonumber(contact.queued_us))
  local expression = asked_of(contact)
  for _ = 1, MOST do
    local first, since
    for _, server in ipairs(servers) do
      local name, score = find_fit(engine, server[1], contact.channel, expression)
      if name and (not first or score < since or (score == since and name < first)) then first, since = name, score end
    end
    if not first then return end
    local agent = read_agent(engine, first)
    local best = choose(engine, agent)
    if best then
      agent, best = prefer(engine, agent, best)
      assign(engine, agent, best)
      wake(engine, agent)
    end
    reindex(engine, agent)
    if best and best.id == contact.id then return end
  end
  for _, server in ipairs(servers) do server[2] = contact.channel end
  leave_unmatched(engine, servers, {})
end
