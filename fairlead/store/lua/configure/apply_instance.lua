-- apply_instance: write the settings of the instance as a whole, when they differ.
-- USES key_of look_at_own
local function apply_instance(engine, changes)
  local change = changes.instance['']
  if not change then return end
  local function read()
    local row = redis.call('HMGET', engine.instance_key, 'agent_queue_overflow', 'agent_queue_overflow_after_s')
    return (row[1] or '') .. ' ' .. (row[2] or '')
  end
  local before = read()
  redis.call('HSET', engine.instance_key, unpack(change.values))
  if read() ~= before then look_at_own(engine, redis.call('SMEMBERS', key_of(engine, 'owned'))) end
end
