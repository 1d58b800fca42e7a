-- is_anybody: whether of the agents who serve a queue and channel and satisfy an expression, whatever their delays, any
-- is there: `when` nobody_available: one who may be offered the channel now; nobody_staffed: in a routable status; else
-- signed in, whatever its status. domain/eligible.py, is_anybody, is the rule.
-- Looks at the sets of proficiencies that such agents have, and at those whom the expression names.
-- USES servers_of key_of satisfies
-- RARELY find_fit is_present
local function is_anybody(engine, queue, channel, expression, when)
  local mark = when == 'nobody_staffed' and '+' or ''
  engine.present = engine.present or {}
  local function present_of(profile)
    local known = engine.present[profile .. mark]
    if known then return known end
    known = {}
    local row = redis.call('HGETALL', key_of(engine, 'present', profile))
    for place = 1, #row, 2 do
      local skillset, its_mark = string.match(row[place], '^([^+]+)(%+?)$')
      if its_mark == mark then
        local counted = redis.call('HGET', key_of(engine, 'skillsets', profile), skillset) or ''
        known[#known + 1] = { skillset = skillset, many = tonumber(row[place + 1]),
          skills = string.match(counted, ' (.+)') or '' }
      end
    end
    engine.present[profile .. mark] = known
    return known
  end
  local servers = servers_of(engine, queue, channel, math.huge)
  if when == 'nobody_available' then
    local function is_there(name) return is_present(engine, name) end
    for _, server in ipairs(servers) do
      if find_fit(engine, server[1], server.lane, expression, is_there) then return true end
    end
    return false
  end
  local named, excluded = {}, {}
  for sign, agents in string.gmatch(expression, '(!?)@([^&|]+)') do
    for name in string.gmatch(agents, '[^,]+') do
      local row = redis.call('HMGET', key_of(engine, 'agent', name), 'profile', 'epoch', 'skills', 'skillset',
        'routable')
      local one = { name = name, profile = row[1], skills = row[3] or '', skillset = row[4] or '-' }
      local is_there = row[2] and (mark == '' or row[5] == '1')
      if is_there and sign == '' then named[#named + 1] = one elseif is_there then excluded[name] = one end
    end
  end
  for _, server in ipairs(servers) do
    for _, one in ipairs(named) do
      if one.profile == server[1] and satisfies(expression, one.skills, one.name) then return true end
    end
    for _, one in ipairs(present_of(server[1])) do
      if satisfies(expression, one.skills, nil) then
        local others = one.many
        for name, other in pairs(excluded) do
          local is_of_them = other.profile == server[1] and other.skillset == one.skillset
          if is_of_them and not satisfies(expression, other.skills, name) then others = others - 1 end
        end
        if others > 0 then return true end
      end
    end
  end
  return false
end
