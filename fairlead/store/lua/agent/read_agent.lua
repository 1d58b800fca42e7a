-- read_agent: an agent with its session, its profile and its slots; nil when it is not signed in.
-- Read once in a run of a script, so that all its parts change the same agent.
-- KNOWS CHANNELS
-- USES key_of
local function read_agent(engine, name)
  if engine.agents[name] then return engine.agents[name] end
  local record_key = key_of(engine, 'agent', name)
  local row = redis.call('HMGET', record_key, 'profile', 'epoch', 'status', 'routable', 'inbox', 'auto_accept',
    'capacity', 'available_us', 'offerable', 'op', 'pools', 'skills', 'skillset', 'accepts', 'next_status', 'misses',
    'absent', 'activity', 'activity_us', 'lease_us', 'own', 'refusal', 'holder', 'asked')
  if not row[2] then return nil end
  local agent = {
    name = name, key = record_key, profile = row[1], epoch = row[2], status = row[3], is_routable = row[4] == '1',
    inbox = row[5] or '', auto_accept = row[6] == '1', capacity = tonumber(row[7]) or 0,
    available_us = tonumber(row[8]),
    indexed_us = tonumber(row[8]), offerable = row[9] or '', op = tonumber(row[10]) or 0, pools = row[11] or '',
    skills = row[12] or '', skillset = row[13] or '-', accepts = row[14] or '', next_status = row[15] or '',
    misses = tonumber(row[16]) or 0, absent = row[17] == '1', activity = row[18] or '',
    activity_us = tonumber(row[19]) or 0, lease_us = tonumber(row[20]) or 0,
    own = tonumber(row[21]) or 0, refusal = row[22] or '', holder = row[23] or '',
    asked = row[24] or '',
    slots_key = key_of(engine, 'slots', name), slots = {}, used = {}, used_in_all = 0, paused = 0, concurrency = {},
  }
  agent.saved_op = agent.op
  if engine.lost ~= ' ' and string.find(engine.lost, ' ' .. agent.holder .. ' ', 1, true) then agent.absent = true end
  local profile = redis.call('HMGET', key_of(engine, 'profile', agent.profile), 'version', 'voice', 'chat', 'task',
    'email', 'entries', 'weighted', 'inbound_timer', 'skillsets')
  agent.profile_version, agent.entries = profile[1], profile[6] or ''
  agent.is_weighted, agent.has_inbound_timer, agent.skillsets = profile[7] == '1', profile[8] == '1', profile[9] or ''
  for place, channel in ipairs(CHANNELS) do
    agent.used[channel] = 0
    local slots, others = string.match(profile[place + 1] or '0 0', '(%d+) (%d)')
    agent.concurrency[channel] = { slots = tonumber(slots), allows_others = others == '1' }
  end
  local held = redis.call('HGETALL', agent.slots_key)
  for place = 1, #held, 2 do
    local channel, kind, contact = string.match(held[place + 1], '(%S+) (%S+) (%S+)')
    agent.slots[#agent.slots + 1] = { token = held[place], channel = channel, kind = kind, contact = contact }
    if kind == 'paused' then
      agent.paused = agent.paused + 1
    else
      agent.used[channel] = agent.used[channel] + 1
      agent.used_in_all = agent.used_in_all + 1
    end
  end
  engine.agents[name] = agent
  return agent
end
