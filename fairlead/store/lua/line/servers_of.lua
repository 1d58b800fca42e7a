-- servers_of: the profiles whose delay for a queue and channel has passed after so long a wait, as {profile}.
-- USES key_of
local function servers_of(engine, queue, channel, waited_us)
  local row, servers = redis.call('HGETALL', key_of(engine, 'servers', queue, channel)), {}
  for place = 1, #row, 2 do
    if tonumber(row[place + 1]) <= math.max(0, waited_us) then
      servers[#servers + 1] = { row[place] }
    end
  end
  return servers
end
