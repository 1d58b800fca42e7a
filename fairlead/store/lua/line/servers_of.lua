-- servers_of: the profiles whose delay for a queue and channel has passed after so long a wait, as {profile}. `lane`:
-- for what those of their agents are available who may be offered it: the channel, or "queue:channel" where the profile
-- has a limit for that.
-- USES key_of
local function servers_of(engine, queue, channel, waited_us)
  local row, servers = redis.call('HGETALL', key_of(engine, 'servers', queue, channel)), {}
  for place = 1, #row, 2 do
    local delay_us, limited = string.match(row[place + 1], '^(%d+)(.*)$')
    if tonumber(delay_us) <= math.max(0, waited_us) then
      servers[#servers + 1] = { row[place], lane = limited == '' and channel or queue .. ':' .. channel }
    end
  end
  return servers
end
