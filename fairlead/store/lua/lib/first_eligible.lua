-- first_eligible: the first contact of a queue and channel that has really waited `delay_us`, or nil.
-- Looks at the heads of the priorities in use, not at the depth: within a priority a contact whose rank is too young
-- ends the search, since no contact has waited longer than its rank says; only adjusted ones are stepped over.
-- USES key_of read_member text_of
local function first_eligible(engine, queue, channel, delay_us)
  local waiting_key = key_of(engine, 'waiting', queue, channel)
  local head = redis.call('ZRANGE', waiting_key, 0, 0, 'WITHSCORES')
  local youngest_us = engine.now_us - delay_us
  while head[1] do
    local priority = text_of(tonumber(head[2]))
    if delay_us == 0 then return read_member(queue, channel, head[1], priority) end
    local seen, batch = 0, nil
    repeat
      batch = redis.call('ZRANGE', waiting_key, priority, priority, 'BYSCORE', 'LIMIT', seen, 32)
      for _, member in ipairs(batch) do
        local contact = read_member(queue, channel, member, priority)
        if contact.rank_us > youngest_us then batch = {} break end
        if contact.queued_us <= youngest_us then return contact end
      end
      seen = seen + #batch
    until #batch < 32
    head = redis.call('ZRANGE', waiting_key, '(' .. priority, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  end
  return nil
end
