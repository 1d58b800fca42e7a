-- push_plain: a contact is pushed that has nothing but what each has, into a queue that admits all: nothing ranks it
-- otherwise, it expires when its queue says so, and nobody is asked whether it may come. It writes what push_contacts,
-- enqueue and enter_line would, in fewer steps, and finds an agent for it as they do. Returns its state; nil, and has
-- written nothing, where it is none of these, or is known.
-- EMITS contact.queued contact queue channel priority rank_us queued_us
-- KNOWS RANK_DIGITS
-- USES count emit give_plain key_of longest_available match_contact now_text servers_of terms_of text_of watch_line
-- RARELY end_steps
local function push_plain(engine, payloads_key, id, queue, channel, priority, digest, body)
  local contact_key, now = key_of(engine, 'contact', id), now_text(engine)
  if string.sub(queue, 1, 1) == '@' or #now ~= RANK_DIGITS then return nil end
  local terms = terms_of(engine, queue, channel)
  if terms.admits_all ~= '1' or redis.call('EXISTS', contact_key) == 1 then return nil end
  engine.stamp = math.max(engine.stamp + 1, engine.now_us)
  local rank = engine.stamp == engine.now_us and now or text_of(engine.stamp)
  redis.call('HSET', payloads_key, id, body)
  redis.call('HSET', contact_key, 'state', 'queued', 'queue', queue, 'channel', channel, 'priority', priority,
    'rank', rank, 'digest', digest)
  count(engine, queue .. ':' .. channel, 'queued')
  emit(engine, 'contact.queued', 'contact', id, 'queue', queue, 'channel', channel, 'priority', priority,
    'rank_us', rank, 'queued_us', rank)
  local contact = {
    id = id, key = contact_key, queue = queue, channel = channel, priority = priority, track = '', place = rank .. id,
    queued_us = rank, rank = rank, state = 'queued', wait_us = (tonumber(terms.expiry_s) or 0) * 1000000,
    payload = body, is_fresh = true,
  }
  watch_line(engine, contact, '')
  local name = not engine.is_special and longest_available(engine, servers_of(engine, queue, channel, 0), '')
  if name and give_plain(engine, name, contact) then return contact.state end
  redis.call('HSET', engine.instance_key, 'stamp', rank)
  redis.call('ZADD', key_of(engine, 'waiting', queue, channel), priority, contact.place)
  if engine.tracked ~= ' ' then end_steps(engine) end
  if name or engine.is_special then match_contact(engine, contact) end
  return contact.state
end
