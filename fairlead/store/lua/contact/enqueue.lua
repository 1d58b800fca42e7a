-- enqueue: a contact whose time has come enters its queue: new, scheduled or to be called back. Its wait begins now;
-- `rank_us` is what its place in line is computed from; `fields` are others of its record that are to be written.
-- EMITS contact.queued contact queue channel priority rank_us queued_us
-- EMITS contact.queued contact queue channel priority rank_us queued_us intake intake_version rule read
-- KNOWS RANK_DIGITS
-- USES count emit line_up now_text text_of digits_of
-- RARELY decision_of
local function enqueue(engine, contact, queued_us, rank_us, fields)
  local now = now_text(engine)
  contact.queued_us = queued_us == engine.now_us and #now == RANK_DIGITS and now or digits_of(queued_us)
  contact.rank = rank_us == queued_us and contact.queued_us or digits_of(rank_us)
  contact.state = 'queued'
  fields = fields or {}
  if contact.queued_us ~= contact.rank then
    fields[#fields + 1], fields[#fields + 2] = 'queued_us', contact.queued_us
  elseif not contact.is_new then
    redis.call('HDEL', contact.key, 'queued_us')
  end
  if contact.criteria then
    contact.step, contact.step_us = 1, engine.now_us
    fields[#fields + 1], fields[#fields + 2] = 'step', 1
    fields[#fields + 1], fields[#fields + 2] = 'step_us', text_of(engine.now_us)
  end
  redis.call('HSET', contact.key, 'state', 'queued', 'queue', contact.queue, 'channel', contact.channel,
    'priority', contact.priority, 'rank', contact.rank, unpack(fields))
  contact.entered_us = queued_us
  if not contact.is_new then redis.call('HDEL', contact.key, 'answered', 'entered_us') end
  count(engine, contact.queue .. ':' .. contact.channel, 'queued')
  if contact.intake then
    local intake, version, rule, read = decision_of(contact.intake)
    emit(engine, 'contact.queued', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'priority', contact.priority, 'rank_us', contact.rank, 'queued_us', contact.queued_us,
      'intake', intake, 'intake_version', version, 'rule', rule, 'read', read)
  else
    emit(engine, 'contact.queued', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'priority', contact.priority, 'rank_us', contact.rank, 'queued_us', contact.queued_us)
  end
  line_up(engine, contact)
end
