-- fill_and_tell: give the agent what it may take now and describe what it holds since the last token that its session
-- knows. The reply of every session's request: how many contacts were fenced and how many were parked, the ids of both,
-- then fourteen fields for each offer.
-- USES fill holds_contact key_of due_of
local function fill_and_tell(engine, agent, last_token, fenced, parked)
  local reply = { #fenced, #parked }
  fill(engine, agent)
  for _, id in ipairs(fenced) do reply[#reply + 1] = id end
  for _, id in ipairs(parked) do reply[#reply + 1] = id end
  if #agent.slots > 1 then
    table.sort(agent.slots, function(one, other) return tonumber(one.token) < tonumber(other.token) end)
  end
  for _, slot in ipairs(agent.slots) do
    if tonumber(slot.token) > tonumber(last_token) and holds_contact(slot.kind) then
      local row = redis.call('HMGET', key_of(engine, 'contact', slot.contact), 'state', 'queue', 'channel', 'priority',
        'attempts', 'queued_us', 'rank', 'attributes', 'direction', 'customer', 'headers')
      local payload = redis.call('GET', key_of(engine, 'payload', slot.contact)) or ''
      local deadline_us = row[1] == 'offered'
        and redis.call('ZSCORE', key_of(engine, 'due'), due_of('offer', slot.contact)) or ''
      for _, value in ipairs({ slot.contact, slot.token, row[1], row[2], row[3], row[4], row[5] or '0',
        row[6] or row[7], deadline_us, row[8] or '', row[9] or 'inbound', row[10] or '', row[11] or '', payload }) do
        reply[#reply + 1] = value
      end
    end
  end
  return reply
end
