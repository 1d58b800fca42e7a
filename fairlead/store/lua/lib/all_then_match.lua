-- all_then_match: run `act`, and match when it is done: all that comes into line stands there, and all who leave have left,
-- before the first agent is walked. Meanwhile `engine.later` collects contacts, names of agents and {profile, channel}.
-- USES channels crews_of match match_contact read_agent skip_steps
local function all_then_match(engine, act)
  if engine.later then return act() end
  engine.later = { contacts = {}, agents = {}, crews = {} }
  act()
  local later = engine.later
  engine.later = nil
  local waiting, last, crews, owners, seen = {}, {}, {}, {}, {}
  for _, contact in ipairs(later.contacts) do last[contact.id] = contact end  -- what came into line twice was read twice
  for _, contact in ipairs(later.contacts) do
    if last[contact.id] == contact and redis.call('HGET', contact.key, 'state') == 'queued' then
      waiting[#waiting + 1] = contact
    end
  end
  local function add(list, key, value)
    if not seen[key] then list[#list + 1] = value end
    seen[key] = true
  end
  local function add_owner(name)
    if read_agent(engine, name) then add(owners, '@' .. name, name) end
  end
  for _, contact in ipairs(waiting) do
    local owner = string.match(contact.queue, '^@(.+)$')
    if owner then add_owner(owner) end
    local waited_us = engine.now_us - tonumber(contact.queued_us)
    for _, crew in ipairs(crews_of(engine, contact.queue, contact.channel, waited_us)) do
      add(crews, crew[1] .. ' ' .. contact.channel, { crew[1], contact.channel })
    end
  end
  for _, name in ipairs(later.agents) do
    local agent = read_agent(engine, name)
    for _, channel in ipairs(agent and channels() or {}) do
      add(crews, agent.profile .. ' ' .. channel, { agent.profile, channel })
    end
    if agent and agent.own > 0 then add_owner(name) end
  end
  for _, crew in ipairs(later.crews) do add(crews, crew[1] .. ' ' .. crew[2], crew) end
  if #waiting == 1 and #later.agents + #later.crews == 0 then
    match_contact(engine, waiting[1])
  elseif #crews + #owners > 0 then
    match(engine, crews, owners)
  end
  for _, contact in ipairs(waiting) do skip_steps(engine, contact) end
end
