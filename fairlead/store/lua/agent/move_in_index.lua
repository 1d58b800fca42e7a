-- move_in_index: the agent stands in the sets of those available for the channels, and for the queues with limits, in
-- `offerable`, and in no others; `is_other_time`: it is available since another time than these say.
-- USES is_word key_of
local function move_in_index(engine, agent, offerable, is_other_time)
  if engine.seen then engine.seen = {} end
  for pool in string.gmatch(agent.pools, '%S+') do
    for lane in string.gmatch(offerable, '%S+') do
      if is_other_time or not is_word(agent.offerable, lane) then
        redis.call('ZADD', key_of(engine, 'available', pool, lane), agent.available_us, agent.name)
      end
    end
    for lane in string.gmatch(agent.offerable, '%S+') do
      if not is_word(offerable, lane) then redis.call('ZREM', key_of(engine, 'available', pool, lane), agent.name) end
    end
  end
  agent.offerable = offerable
end
