-- reindex: put the agent into the sets of those available, for just the channels that it may be offered now, and note
-- what it does. In a profile whose agents have proficiencies those with the same ones also stand in sets of their own.
-- KNOWS CHANNELS
-- USES key_of may_be_offered text_of spend_time unindex
local function reindex(engine, agent)
  local crew = agent.profile
  if agent.skillsets ~= '' then crew = crew .. ' ' .. agent.profile .. '~' .. agent.skillset end
  local before = agent.open
  if agent.crew ~= crew then unindex(engine, agent) end
  local open = {}
  for _, channel in ipairs(CHANNELS) do
    local was_open = string.find(agent.open, channel, 1, true)
    if may_be_offered(agent, channel) then
      open[#open + 1] = channel
      if not was_open or agent.available_us ~= agent.indexed_us then
        for one in string.gmatch(crew, '%S+') do
          redis.call('ZADD', key_of(engine, 'available', one, channel), text_of(agent.available_us), agent.name)
        end
      end
    elseif was_open then
      for one in string.gmatch(crew, '%S+') do
        redis.call('ZREM', key_of(engine, 'available', one, channel), agent.name)
      end
    end
  end
  agent.open = table.concat(open, ' ')
  spend_time(engine, agent)
  if agent.open ~= before or agent.crew ~= crew or agent.available_us ~= agent.indexed_us or agent.op ~= agent.saved_op
  then
    redis.call('HSET', agent.key, 'open', agent.open, 'crew', crew, 'available_us', text_of(agent.available_us),
      'op', text_of(agent.op))
  end
  agent.crew, agent.indexed_us, agent.saved_op = crew, agent.available_us, agent.op
end
