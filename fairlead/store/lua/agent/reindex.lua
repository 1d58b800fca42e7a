-- reindex: put the agent into the sets of those available, for just the channels that it may be offered now, and note
-- what it does. In a profile whose agents have proficiencies those with the same ones also stand in sets of their own.
-- KNOWS CHANNELS
-- USES key_of may_be_offered text_of spend_time unindex
local function reindex(engine, agent)
  local pools = agent.profile
  if agent.skillsets ~= '' then pools = pools .. ' ' .. agent.profile .. '~' .. agent.skillset end
  local before = agent.offerable
  if agent.pools ~= pools then unindex(engine, agent) end
  local offerable = {}
  for _, channel in ipairs(CHANNELS) do
    local was_offerable = string.find(agent.offerable, channel, 1, true)
    if may_be_offered(agent, channel) then
      offerable[#offerable + 1] = channel
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
  agent.offerable = table.concat(offerable, ' ')
  spend_time(engine, agent)
  if agent.offerable ~= before or agent.pools ~= pools or agent.available_us ~= agent.indexed_us
    or agent.op ~= agent.saved_op
  then
    redis.call('HSET', agent.key, 'offerable', agent.offerable, 'pools', pools,
      'available_us', text_of(agent.available_us), 'op', text_of(agent.op), 'asked', agent.asked)
  end
  agent.pools, agent.indexed_us, agent.saved_op = pools, agent.available_us, agent.op
end
