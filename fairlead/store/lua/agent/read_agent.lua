-- read_agent: an agent with its session, its profile and its slots; nil when it is not signed in. It is absent by the
-- clock, whether anybody has noted it or not.
-- Read once in a run of a script, so that all its parts change the same agent; reindex saves what they have changed.
-- What few of them need is read from the record when it is looked at. `op` and `available_us` stay text.
-- USES agent_row count_slot key_of profile_of read_slots
-- RARELY is_word read_field
local function read_agent(engine, name)
  if engine.agents[name] then return engine.agents[name] end
  local record_key = key_of(engine, 'agent', name)
  local row = agent_row(engine, name)
  engine.rows[name] = nil
  if not row[1] then return nil end
  local profile = profile_of(engine, row[2])
  local agent = {
    name = name, key = record_key, epoch = row[1], profile = row[2], is_routable = row[3] == '1',
    auto_accept = row[4] == '1', capacity = row[5] ~= '0' and tonumber(row[5]) or 0, available_us = row[6],
    offerable = row[7] or '', op = row[8] or '0', pools = row[9] or '', next_status = row[10] or '',
    misses = row[11] and tonumber(row[11]) or 0, is_noted_absent = row[12] == '1', activity = row[13] or '',
    own = row[14] and tonumber(row[14]) or 0, slots = read_slots(row[15]), indexed_us = row[6],
    profile_version = profile.version, entries = profile.entries, is_weighted = profile.is_weighted,
    has_inbound_timer = profile.has_inbound_timer, skillsets = profile.skillsets, most = profile.most,
    allows_others = profile.allows_others, has_limits = profile.has_limits, limits = profile.limits,
    acw = row[16] or '', accepts = row[17] or '', windows = row[18] or '', is_new = false, has_new_op = false,
    has_new_slots = false, used = {}, used_in_all = 0, kept = {}, kept_in_all = 0, paused = 0,
  }
  agent.absent = agent.is_noted_absent
  if row[19] and not agent.absent then agent.absent = tonumber(row[19]) <= engine.now_us end
  for _, slot in ipairs(agent.slots) do count_slot(agent, slot, 1) end
  engine.agents[name] = setmetatable(agent, { __index = function(one, field) return read_field(one, field) end })
  if engine.lost ~= ' ' and is_word(engine.lost, agent.holder) then agent.absent = true end
  return agent
end
