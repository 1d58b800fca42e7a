-- move_in_index: the agent stands in the sets of those available for the channels in `offerable`, and in no others;
-- `is_other_time`: it is available since another time than these say.
-- KNOWS CHANNELS
-- USES key_of
local function move_in_index(engine, agent, offerable, is_other_time)
  for _, channel in ipairs(CHANNELS) do
    local is_offerable = string.find(offerable, channel)
    local was_offerable = string.find(agent.offerable, channel)
    for pool in string.gmatch(agent.pools, '%S+') do
      if is_offerable and (not was_offerable or is_other_time) then
        redis.call('ZADD', key_of(engine, 'available', pool, channel), agent.available_us, agent.name)
      elseif was_offerable and not is_offerable then
        redis.call('ZREM', key_of(engine, 'available', pool, channel), agent.name)
      end
    end
  end
  agent.offerable = offerable
end
