-- profile_of: a routing profile, ready for use: version; most and allows_others, by channel; limits, how many contacts
-- of "queue:channel" an agent may hold, and whether it has_limits; is_weighted, has_inbound_timer, skillsets; whether
-- it is_plain, with none of these and no delay; entries in the order of their priority, each with priority, delay_us,
-- channel, weight and queues, of which `lines` are the keys.
-- Read once as long as the configuration is the same: nobody changes it.
-- USES key_of
local function profile_of(engine, name)
  local profile = engine.kept.profiles[name]
  if profile then return profile end
  local row = redis.call('HMGET', key_of(engine, 'profile', name), 'version', 'channels', 'entries', 'weighted',
    'inbound_timer', 'skillsets', 'limits')
  profile = {
    version = row[1], most = {}, allows_others = {}, limits = {}, has_limits = row[7], is_plain = false,
    is_weighted = row[4] == '1', has_inbound_timer = row[5] == '1', skillsets = row[6] or '',
    entries = {},
  }
  for channel, most, others in string.gmatch(row[2] or '', '(%l+) (%d+) (%d)') do
    profile.most[channel], profile.allows_others[channel] = tonumber(most), others == '1'
  end
  for lane, most in string.gmatch(row[7] or '', '(%S+)=(%d+)') do profile.limits[lane] = tonumber(most) end
  profile.is_plain = not (row[7] or profile.is_weighted or profile.has_inbound_timer) and profile.skillsets == ''
  for priority, delay_us, channel, weight, queues in string.gmatch(row[3] or '',
    '(%d+) (%d+) (%l+) (%d+) ([^;]+)')
  do
    local entry = {
      priority = priority, delay_us = delay_us, channel = channel, weight = weight, queues = {}, lines = {},
    }
    for queue in string.gmatch(queues, '%S+') do
      entry.queues[#entry.queues + 1] = queue
      entry.lines[#entry.lines + 1] = key_of(engine, 'waiting', queue, channel)
    end
    profile.entries[#profile.entries + 1] = entry
    if delay_us ~= '0' then profile.is_plain = false end
  end
  if row[1] then engine.kept.profiles[name] = profile end
  return profile
end
