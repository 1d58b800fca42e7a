-- queue_settings: a queue's settings, or nil when there is no such queue. Agent queues have the defaults, and overflow
-- as the agent says, or else the instance.
-- KNOWS AGENT_QUEUE_CONTACTS MAX_ATTEMPTS OFFER_AGAIN_AFTER_S RETRY_DELAY_S
-- USES key_of
local function queue_settings(engine, queue)
  local owner = string.match(queue, '^@(.+)$')
  if owner then
    local row = redis.call('HMGET', key_of(engine, 'agent', owner), 'profile', 'overflow', 'overflow_after_s')
    if not row[1] then return nil end
    local overflow, after_s = row[2] or '', row[3]
    if overflow == '' then
      row = redis.call('HMGET', engine.instance_key, 'agent_queue_overflow', 'agent_queue_overflow_after_s')
      overflow, after_s = row[1] or '', row[2]
    end
    return { name = queue, enabled = '1', max_contacts = tostring(AGENT_QUEUE_CONTACTS),
      max_attempts = tostring(MAX_ATTEMPTS), retry_delay_s = tostring(RETRY_DELAY_S),
      offer_again_after_s = tostring(OFFER_AGAIN_AFTER_S), overflow = overflow, overflow_after_s = after_s,
      overflow_rank = 'keep', hours = '' }
  end
  local row, settings = redis.call('HGETALL', key_of(engine, 'queue', queue)), { name = queue }
  if #row == 0 then return nil end
  for place = 1, #row, 2 do settings[row[place]] = row[place + 1] end
  return settings
end
