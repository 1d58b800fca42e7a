-- describe_slot: what is in a slot of an agent, in seventeen fields: token, kind, channel, contact, when it ends by
-- itself (empty: it does not), then of the contact: state, queue, priority, attempts, queued_us, connected_us,
-- attributes, headers, direction, customer, the attempts that a callback has left (empty: none is), payload.
-- USES due_of holds_contact key_of rings_until
local function describe_slot(engine, agent, slot)
  local contact_key, is_with_agent = key_of(engine, 'contact', slot.contact), holds_contact(slot.kind)
  local row = (is_with_agent or slot.kind == 'acw') and redis.call('HMGET', contact_key, 'state', 'queue', 'priority',
    'attempts', 'queued_us', 'connected_us', 'attributes', 'headers', 'direction', 'customer', 'rank', 'callback',
    'token') or {}
  local ends_us = slot.kind == 'offered' and rings_until(engine, agent, slot, row[13])
    or redis.call('ZSCORE', key_of(engine, 'due'), due_of('slot', agent.name .. '/' .. slot.token)) or ''
  local payload = is_with_agent and redis.call('HGET', key_of(engine, 'payloads'), slot.contact) or ''
  return { slot.token, slot.kind, slot.channel, slot.contact, ends_us, row[1] or '', row[2] or '', row[3] or '',
    row[4] or '0', row[5] or row[11] or '', row[6] or '', row[7] or '', row[8] or '', row[9] or 'inbound',
    row[10] or '', row[12] and string.match(row[12], '%d+ (%d+)') or '', payload }
end
