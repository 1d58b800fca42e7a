-- tell_slot: what a session is told of a contact in a slot of its agent, fourteen fields added to `fields`: contact,
-- token, state, queue, channel, priority, attempts, queued_us, deadline_us, attributes, direction, customer, headers,
-- payload. What the script has read of a contact that it has just assigned is not read again.
-- USES key_of text_of
-- RARELY rings_until
local function tell_slot(engine, agent, slot, fields)
  local told = slot.told
  if not told then
    local row = redis.call('HMGET', key_of(engine, 'contact', slot.contact), 'state', 'priority', 'attempts',
      'queued_us', 'rank', 'attributes', 'direction', 'customer', 'headers', 'token')
    told = {
      state = row[1], priority = row[2], attempts = row[3] or 0, queued_us = tonumber(row[4] or row[5]),
      attributes = row[6] or '', direction = row[7] or 'inbound', customer = row[8], headers = row[9] or '',
      deadline_us = row[1] == 'offered' and rings_until(engine, agent, slot, row[10]) or '',
    }
  end
  local place = #fields
  fields[place + 1], fields[place + 2], fields[place + 3] = slot.contact, slot.token, told.state
  fields[place + 4], fields[place + 5], fields[place + 6] = slot.queue, slot.channel, told.priority
  fields[place + 7], fields[place + 8], fields[place + 9] = told.attempts, text_of(told.queued_us), told.deadline_us
  fields[place + 10], fields[place + 11], fields[place + 12] = told.attributes, told.direction, told.customer or ''
  fields[place + 13] = told.headers
  fields[place + 14] = told.payload or redis.call('HGET', key_of(engine, 'payloads'), slot.contact) or ''
end
