-- schedule: a new contact is to enter its queue later, at its `starts_us`; it is in no line until then. `rank_us` is
-- what its place in line will be computed from; `fields` are others of its record that are to be written.
-- EMITS contact.scheduled contact queue channel due_us
-- EMITS contact.scheduled contact queue channel due_us intake intake_version rule read
-- USES count_apart digits_of due_of emit key_of text_of
-- RARELY decision_of
local function schedule(engine, contact, rank_us, fields)
  local due_us = text_of(contact.starts_us)
  contact.state = 'scheduled'
  redis.call('HSET', contact.key, 'state', 'scheduled', 'queue', contact.queue, 'channel', contact.channel,
    'priority', contact.priority, 'rank', digits_of(rank_us), unpack(fields))
  redis.call('ZADD', key_of(engine, 'due'), due_us, due_of('start', contact.id))
  count_apart(engine, contact.queue, 1)
  if contact.intake then
    local intake, version, rule, read = decision_of(contact.intake)
    emit(engine, 'contact.scheduled', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'due_us', due_us, 'intake', intake, 'intake_version', version, 'rule', rule, 'read', read)
  else
    emit(engine, 'contact.scheduled', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'due_us', due_us)
  end
end
