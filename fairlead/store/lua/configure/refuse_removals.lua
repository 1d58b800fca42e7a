-- refuse_removals: an error reply when the target configuration leaves out something that is in use, else nil.
-- USES contacts_in key_of
local function refuse_removals(engine, target)
  local function waiting_in(queue) return contacts_in(engine, queue) > 0 end
  for _, queue in ipairs(redis.call('SMEMBERS', key_of(engine, 'queues'))) do
    if not target.queue[queue] and waiting_in(queue) then return redis.error_reply('QUEUE_IN_USE ' .. queue) end
  end
  for _, agent in ipairs(redis.call('SMEMBERS', key_of(engine, 'agents'))) do
    if not target.agent[agent]
      and (redis.call('HEXISTS', key_of(engine, 'agent', agent), 'epoch') == 1 or waiting_in('@' .. agent))
    then return redis.error_reply('AGENT_IN_USE ' .. agent) end
  end
  for _, values in pairs(target.agent) do
    if not target.profile[values[1]] then return redis.error_reply('UNKNOWN_PROFILE ' .. values[1]) end
  end
  return nil
end
