-- apply_queues: write the queues that differ, forget those that are gone, and note which profiles serve which.
-- USES channels emit key_of replace_list
local function apply_queues(engine, wanted)
  for _, queue in ipairs(redis.call('SMEMBERS', key_of(engine, 'queues'))) do
    for _, channel in ipairs(channels()) do redis.call('DEL', key_of(engine, 'servers', queue, channel)) end
    if not wanted.queue[queue] then
      redis.call('SREM', key_of(engine, 'queues'), queue)
      redis.call('DEL', key_of(engine, 'queue', queue))
      for _, channel in ipairs(channels()) do redis.call('DEL', key_of(engine, 'totals', queue, channel)) end
      emit(engine, 'queue.updated', 'queue', queue, 'change', 'removed')
    end
  end
  for queue, fields in pairs(wanted.queue) do
    local queue_key = key_of(engine, 'queue', queue)
    local known = redis.call('HGET', queue_key, 'digest')
    redis.call('SADD', key_of(engine, 'queues'), queue)
    redis.call('HSET', queue_key, unpack(fields))
    if known ~= redis.call('HGET', queue_key, 'digest') then
      emit(engine, 'queue.updated', 'queue', queue, 'change', known and 'changed' or 'added')
    end
  end
  for pair, values in pairs(wanted.servers) do replace_list(key_of(engine, 'servers', pair), values) end
end
