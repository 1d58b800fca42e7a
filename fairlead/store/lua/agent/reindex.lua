-- reindex: the agent's record and index follow what the script has changed: it stands in the sets of those available
-- for just the channels that it may be offered now, and what it does is noted. In a profile whose agents have
-- proficiencies those with the same ones also stand in sets of their own.
-- KNOWS CHANNELS
-- USES key_of may_be_offered slots_text spend_time text_of
-- RARELY unindex
local function reindex(engine, agent)
  local pools, fields = agent.profile, {}
  if agent.skillsets ~= '' then pools = pools .. ' ' .. agent.profile .. '~' .. agent.skillset end
  local are_other_pools = agent.pools ~= pools
  if are_other_pools then unindex(engine, agent) end
  local offerable = ''
  for _, channel in ipairs(CHANNELS) do
    local was_offerable = string.find(agent.offerable, channel, 1, true)
    if may_be_offered(agent, channel) then
      offerable = offerable == '' and channel or offerable .. ' ' .. channel
      if not was_offerable or agent.available_us ~= agent.indexed_us then
        for one in string.gmatch(pools, '%S+') do
          redis.call('ZADD', key_of(engine, 'available', one, channel), text_of(agent.available_us), agent.name)
        end
      end
    elseif was_offerable then
      for one in string.gmatch(pools, '%S+') do
        redis.call('ZREM', key_of(engine, 'available', one, channel), agent.name)
      end
    end
  end
  local function save(field, value, also, its_value)
    fields[#fields + 1], fields[#fields + 2], fields[#fields + 3], fields[#fields + 4] = field, value, also, its_value
  end
  agent.offerable = offerable
  if offerable ~= agent.saved_offerable or are_other_pools then save('offerable', offerable, 'pools', pools) end
  if spend_time(engine, agent) then save('activity', agent.activity, 'activity_us', text_of(agent.activity_us)) end
  if agent.op ~= agent.saved_op then save('op', text_of(agent.op), 'asked', agent.asked) end
  if agent.available_us ~= agent.indexed_us then save('available_us', text_of(agent.available_us)) end
  if agent.has_new_slots then save('slots', slots_text(agent.slots)) end
  if fields[1] then redis.call('HSET', agent.key, unpack(fields)) end
  agent.pools, agent.indexed_us, agent.saved_op, agent.saved_offerable, agent.has_new_slots =
    pools, agent.available_us, agent.op, offerable, false
end
