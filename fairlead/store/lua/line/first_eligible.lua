-- first_eligible: the first contact of a line that has really waited `delay_us`, or nil.
-- Looks at the heads of the priorities in use, not at the depth:
-- within a priority a contact whose rank is too young ends the search, since no contact there has waited longer than
-- its rank says; only adjusted ones are stepped over. A track of contacts that rank younger than they are is searched
-- whole.
-- USES line_key read_place text_of
local function first_eligible(engine, queue, channel, track, delay_us)
  local waiting_key = line_key(engine, queue, channel, track)
  local head = redis.call('ZRANGE', waiting_key, 0, 0, 'WITHSCORES')
  local youngest_us = engine.now_us - delay_us
  local is_younger = string.sub(track, -1) == '-'
  while head[1] do
    if delay_us == 0 then return read_place(queue, channel, track, head[1], head[2]) end
    local priority = text_of(tonumber(head[2]))
    local offset, batch = 0, nil
    repeat
      batch = redis.call('ZRANGE', waiting_key, priority, priority, 'BYSCORE', 'LIMIT', offset, 32)
      for _, member in ipairs(batch) do
        local contact = read_place(queue, channel, track, member, priority)
        if contact.queued_us <= youngest_us then return contact end
        if contact.rank_us > youngest_us and not is_younger then batch = {} break end
      end
      offset = offset + #batch
    until #batch < 32
    head = redis.call('ZRANGE', waiting_key, '(' .. priority, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  end
  return nil
end
