-- is_matched: whether a signed-in agent who serves a queue and channel satisfies an expression, whatever its status.
-- Looks at the sets of proficiencies that signed-in agents have, and at those whom the expression names.
-- USES servers_of key_of satisfies
local function is_matched(engine, queue, channel, expression)
  engine.present = engine.present or {}
  local function present_of(profile)
    local known = engine.present[profile]
    if known then return known end
    known = {}
    local row = redis.call('HGETALL', key_of(engine, 'present', profile))
    for place = 1, #row, 2 do
      local counted = redis.call('HGET', key_of(engine, 'skillsets', profile), row[place]) or ''
      known[#known + 1] = { skillset = row[place], many = tonumber(row[place + 1]),
        skills = string.match(counted, ' (.+)') or '' }
    end
    engine.present[profile] = known
    return known
  end
  local named, excluded = {}, {}
  for sign, agents in string.gmatch(expression, '(!?)@([^&|]+)') do
    for name in string.gmatch(agents, '[^,]+') do
      local row = redis.call('HMGET', key_of(engine, 'agent', name), 'profile', 'epoch', 'skills', 'skillset')
      local one = { name = name, profile = row[1], skills = row[3] or '', skillset = row[4] or '-' }
      if row[2] and sign == '' then named[#named + 1] = one elseif row[2] then excluded[name] = one end
    end
  end
  for _, server in ipairs(servers_of(engine, queue, channel, math.huge)) do
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
