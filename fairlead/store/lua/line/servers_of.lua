-- servers_of: the profiles whose delay for a queue and channel has passed after so long a wait, as {profile}. `lane`:
-- for what those of their agents are available who may be offered it: the channel, or "queue:channel" where the profile
-- has a limit for that. Read once as long as the configuration is the same.
-- USES key_of
local function servers_of(engine, queue, channel, waited_us)
  local pair, servers = queue .. ':' .. channel, {}
  local all = engine.kept.servers[pair]
  if not all then
    local row = redis.call('HGETALL', key_of(engine, 'servers', queue, channel))
    all = {}
    for place = 1, #row, 2 do
      local delay_us, limited = string.match(row[place + 1], '^(%d+)(.*)$')
      all[#all + 1] = { profile = row[place], delay_us = tonumber(delay_us), lane = limited == '' and channel or pair }
    end
    if all[1] then engine.kept.servers[pair] = all end
  end
  for _, one in ipairs(all) do
    if one.delay_us <= math.max(0, waited_us) then servers[#servers + 1] = { one.profile, lane = one.lane } end
  end
  return servers
end
