-- find_fit: of a profile's agents who are available for a lane (servers_of) and satisfy an expression, the one longest.
-- Returns its name and since when, or nil. Looks at each set of proficiencies that the profile's agents have, not at
-- each agent; those named in the expression are looked up. `wants`: only agents for whom it answers true, of the first.
-- KNOWS AGENTS_TRIED
-- USES key_of
-- RARELY satisfies
local function find_fit(engine, profile, lane, expression, wants)
  local all_key = key_of(engine, 'available', profile, lane)
  local first, since
  local function propose(name, score)
    if score and wants and not wants(name) then return end
    if score and (not first or tonumber(score) < since or (tonumber(score) == since and name < first)) then
      first, since = name, tonumber(score)
    end
  end
  if expression == '' then
    local row = redis.call('ZRANGE', all_key, '0', wants and AGENTS_TRIED - 1 or '0', 'WITHSCORES')
    for place = 1, #row, 2 do
      propose(row[place], row[place + 1])
      if first then break end
    end
    return first, since
  end
  local named, excluded = {}, {}
  for sign, agents in string.gmatch(expression, '(!?)@([^&|]+)') do
    for name in string.gmatch(agents, '[^,]+') do
      if sign == '!' then excluded[#excluded + 1] = name else named[#named + 1] = name end
    end
  end
  for _, name in ipairs(named) do
    local score = redis.call('ZSCORE', all_key, name)
    if score then
      local skills = redis.call('HGET', key_of(engine, 'agent', name), 'skills') or ''
      if satisfies(expression, skills, name) then propose(name, score) end
    end
  end
  local function walk(pool, skills)
    if not satisfies(expression, skills, nil) then return end
    local row = redis.call('ZRANGE', key_of(engine, 'available', pool, lane), 0,
      #excluded + #named + (wants and AGENTS_TRIED - 1 or 0), 'WITHSCORES')
    for place = 1, #row, 2 do
      if satisfies(expression, skills, row[place]) and (not wants or wants(row[place])) then
        return propose(row[place], row[place + 1])
      end
    end
  end
  local skillsets = redis.call('HGET', key_of(engine, 'profile', profile), 'skillsets') or ''
  if skillsets == '' then walk(profile, '') end
  for skillset in string.gmatch(skillsets, '%S+') do
    local counted = redis.call('HGET', key_of(engine, 'skillsets', profile), skillset) or ''
    walk(profile .. '~' .. skillset, string.match(counted, ' (.+)') or '')
  end
  return first, since
end
