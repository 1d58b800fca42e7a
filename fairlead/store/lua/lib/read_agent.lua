-- read_agent: an agent with its session, its profile's concurrency and its slots; nil when it is not signed in.
-- USES key_of channels
local function read_agent(engine, name)
  local record_key = key_of(engine, 'agent', name)
  local row = redis.call('HMGET', record_key, 'profile', 'epoch', 'status', 'routable', 'worker', 'auto_accept',
    'capacity', 'available_us', 'open')
  if not row[2] then return nil end
  local agent = {
    name = name, key = record_key, profile = row[1], status = row[3], routable = row[4] == '1', worker = row[5],
    auto_accept = row[6] == '1', capacity = tonumber(row[7]) or 0, available_us = tonumber(row[8]), open = row[9] or '',
    slots_key = key_of(engine, 'slots', name), slots = {}, used = {}, used_in_all = 0, concurrency = {},
  }
  local profile = redis.call('HMGET', key_of(engine, 'profile', agent.profile), 'version', 'voice', 'chat', 'task', 'email')
  agent.profile_version = profile[1]
  for place, channel in ipairs(channels()) do
    agent.used[channel] = 0
    local slots, others = string.match(profile[place + 1] or '0 0', '(%d+) (%d)')
    agent.concurrency[channel] = { slots = tonumber(slots), allows_others = others == '1' }
  end
  local held = redis.call('HGETALL', agent.slots_key)
  for place = 1, #held, 2 do
    local channel, kind, contact = string.match(held[place + 1], '(%S+) (%S+) (%S+)')
    agent.slots[#agent.slots + 1] = { token = held[place], channel = channel, kind = kind, contact = contact }
    agent.used[channel] = agent.used[channel] + 1
    agent.used_in_all = agent.used_in_all + 1
  end
  return agent
end
