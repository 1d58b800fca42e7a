-- crews_of: the profiles whose delay for a queue and channel has passed after so long a wait, as {profile, delay_us}.
-- USES key_of
local function crews_of(engine, queue, channel, waited_us)
  local servers, crews = redis.call('HGETALL', key_of(engine, 'servers', queue, channel)), {}
  for place = 1, #servers, 2 do
    if tonumber(servers[place + 1]) <= math.max(0, waited_us) then
      crews[#crews + 1] = { servers[place], tonumber(servers[place + 1]) }
    end
  end
  return crews
end
