-- read_agent: an agent with its session, its profile and its slots; nil when it is not signed in.
-- Read once in a run of a script, so that all its parts change the same agent; reindex saves what they have changed.
-- What few of them need is read from the record when it is looked at.
-- USES key_of read_slots
-- RARELY read_field
local function read_agent(engine, name)
  if engine.agents[name] then return engine.agents[name] end
  local record_key = key_of(engine, 'agent', name)
  local row = redis.call('HMGET', record_key, 'epoch', 'profile', 'routable', 'auto_accept', 'capacity', 'available_us',
    'offerable', 'op', 'asked', 'refusal', 'pools', 'accepts', 'next_status', 'misses', 'absent', 'activity', 'own',
    'slots', 'acw', 'windows')
  if not row[1] then return nil end
  local agent = {
    name = name, key = record_key, epoch = row[1], profile = row[2], is_routable = row[3] == '1',
    auto_accept = row[4] == '1', capacity = tonumber(row[5]) or 0, available_us = tonumber(row[6]),
    offerable = row[7] or '', op = tonumber(row[8]) or 0, asked = row[9] or '', refusal = row[10] or '',
    pools = row[11] or '', accepts = row[12] or '', next_status = row[13] or '', misses = tonumber(row[14]) or 0,
    absent = row[15] == '1', activity = row[16] or '', own = tonumber(row[17]) or 0,
    acw = row[19] or '', windows = row[20] or '',
    has_new_slots = false, used = {}, used_in_all = 0, paused = 0, most = {}, allows_others = {},
  }
  agent.saved_op, agent.saved_offerable, agent.indexed_us = agent.op, agent.offerable, agent.available_us
  local profile = redis.call('HMGET', key_of(engine, 'profile', agent.profile), 'version', 'channels', 'entries',
    'weighted', 'inbound_timer', 'skillsets')
  agent.profile_version, agent.entries = profile[1], profile[3] or ''
  agent.is_weighted, agent.has_inbound_timer, agent.skillsets = profile[4] == '1', profile[5] == '1', profile[6] or ''
  for channel, most, others in string.gmatch(profile[2] or '', '(%l+) (%d+) (%d)') do
    agent.most[channel], agent.allows_others[channel] = tonumber(most), others == '1'
  end
  agent.slots = read_slots(row[18])
  for _, slot in ipairs(agent.slots) do
    if slot.kind == 'paused' then
      agent.paused = agent.paused + 1
    else
      agent.used[slot.channel] = (agent.used[slot.channel] or 0) + 1
      agent.used_in_all = agent.used_in_all + 1
    end
  end
  engine.agents[name] = setmetatable(agent, { __index = function(one, field) return read_field(one, field) end })
  if engine.lost ~= ' ' and string.find(engine.lost, ' ' .. agent.holder .. ' ', 1, true) then agent.absent = true end
  return agent
end
