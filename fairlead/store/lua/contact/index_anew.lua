-- index_anew: signed-in agents of profiles whose channels have changed, and in statuses whose types have, stand where
-- they belong now: as many as one script may see to, by name and not as the server's hashes have them, since they may
-- become routable one after the other. Within all_then_match. Returns whether the script may do no more. `unindexed`
-- has the profiles, each with how far its agents have been gone through.
-- KNOWS AGENTS_READ CHANNELS
-- USES change_status key_of read_agent reindex rescind spent
local function index_anew(engine)
  local unindexed_key, types = key_of(engine, 'unindexed'), {}
  local row = redis.call('HGETALL', unindexed_key)
  if #row == 0 then return false end
  local statuses = redis.call('HGETALL', key_of(engine, 'statuses'))
  for place = 1, #statuses, 2 do types[statuses[place]] = string.match(statuses[place + 1], '^%l+') end
  local function see_to(name)
    local agent = read_agent(engine, name)
    if not agent then return end
    local is_routable = types[agent.status] == 'routable'
    if agent.is_routable ~= is_routable then
      change_status(engine, agent, agent.status, is_routable, 'configured')
      if not is_routable then rescind(engine, agent) end
    end
    reindex(engine, agent)
    if agent.own > 0 then table.insert(engine.later.owners, name) end
  end
  local profiles, cursors = {}, {}
  for place = 1, #row, 2 do profiles[#profiles + 1], cursors[row[place]] = row[place], row[place + 1] end
  table.sort(profiles)
  for _, profile in ipairs(profiles) do
    local cursor = cursors[profile]
    repeat
      local found = redis.call('SSCAN', key_of(engine, 'online', profile), cursor, 'COUNT', AGENTS_READ)
      cursor = found[1]
      table.sort(found[2])
      for _, name in ipairs(found[2]) do see_to(name) end
      if spent() and cursor ~= '0' then
        redis.call('HSET', unindexed_key, profile, cursor)
        return true
      end
    until cursor == '0'
    redis.call('HDEL', unindexed_key, profile)
    for _, channel in ipairs(CHANNELS) do table.insert(engine.later.pools, { profile, channel }) end
    if spent() then return true end
  end
  return false
end
