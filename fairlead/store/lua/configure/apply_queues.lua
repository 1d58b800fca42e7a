-- apply_queues: write the queues that differ and the hours of operation, forget those that are gone, and note which
-- profiles serve which. Returns the queues that do not exclude any more who has refused a contact.
-- EMITS queue.updated queue change
-- KNOWS CHANNELS
-- USES emit key_of replace_list due_of
local function apply_queues(engine, target)
  local forgiving = {}
  for _, queue in ipairs(redis.call('SMEMBERS', key_of(engine, 'queues'))) do
    for _, channel in ipairs(CHANNELS) do redis.call('DEL', key_of(engine, 'servers', queue, channel)) end
    if not target.queue[queue] then
      redis.call('SREM', key_of(engine, 'queues'), queue)
      redis.call('DEL', key_of(engine, 'queue', queue))
      emit(engine, 'queue.updated', 'queue', queue, 'change', 'removed')
    end
  end
  for queue, fields in pairs(target.queue) do
    local queue_key = key_of(engine, 'queue', queue)
    local known = redis.call('HGET', queue_key, 'digest')
    local excluded = redis.call('HGET', queue_key, 'exclude_rejecting')
    redis.call('SADD', key_of(engine, 'queues'), queue)
    redis.call('DEL', queue_key)
    redis.call('HSET', queue_key, unpack(fields))
    if excluded == '1' and redis.call('HGET', queue_key, 'exclude_rejecting') == '0' then
      forgiving[#forgiving + 1] = queue
    end
    if known ~= redis.call('HGET', queue_key, 'digest') then
      emit(engine, 'queue.updated', 'queue', queue, 'change', known and 'changed' or 'added')
    end
  end
  for pair, values in pairs(target.servers) do replace_list(key_of(engine, 'servers', pair), values) end
  local hours_key = key_of(engine, 'calendars')
  for _, hours in ipairs(redis.call('HKEYS', hours_key)) do
    redis.call('DEL', key_of(engine, 'hours', hours))
    redis.call('ZREM', key_of(engine, 'due'), due_of('hours', hours))
  end
  redis.call('DEL', hours_key)
  for hours, values in pairs(target.hours) do
    redis.call('HSET', hours_key, hours, values[1])
    for place = 2, #values, 2 do
      redis.call('ZADD', key_of(engine, 'hours', hours), values[place], values[place + 1])
    end
  end
  return forgiving
end
