-- assign: give a waiting contact to an agent: connected at once when the session or the agent accepts by itself, else
-- offered. `entry_priority` says by which entry of the profile it was chosen; none when it is given by hand.
-- The slot keeps what its session is to be told of the contact (`told`), until the script ends.
-- EMITS contact.connected contact queue channel agent token attempt profile profile_version entry_priority waited_us
--         deadline_us
-- EMITS contact.offered contact queue channel agent token attempt profile profile_version entry_priority waited_us
--         deadline_us
-- KNOWS OFFER_WINDOW_MS
-- USES connect count emit key_of leave_line next_stamp of_channel set_slot text_of due_of
-- RARELY end_pause note_turn share watch_line
local function assign(engine, agent, contact)
  local _, token = next_stamp(engine)
  contact.key = key_of(engine, 'contact', contact.id)
  local row = redis.call('HMGET', contact.key, 'attempts', 'direction', 'expires_us', 'criteria', 'customer',
    'unanswered', 'answered', 'attributes', 'headers', 'refused', 'waited_in', 'entered_us')
  contact.attempts, contact.direction = tonumber(row[1]) or 0, row[2] or 'inbound'
  contact.expires_us, contact.criteria, contact.customer = row[3], row[4], row[5]
  contact.unanswered, contact.answered = tonumber(row[6]) or 0, row[7]
  contact.attributes, contact.headers = row[8] or '', row[9] or ''
  contact.waited_in, contact.entered_us = row[11], tonumber(row[12]) or tonumber(contact.queued_us)
  contact.agent, contact.token, contact.deadline_us = agent.name, token, ''
  leave_line(engine, contact.queue, contact.channel, contact.track, contact.place)
  if contact.again_us then
    end_pause(engine, contact)
  elseif row[10] then
    redis.call('ZREM', key_of(engine, 'due'), due_of('pause', contact.id))
  end
  if agent.is_weighted and contact.weight then share(engine, agent, contact) end
  if engine.choices ~= ' ' and contact.entry_priority then note_turn(engine, agent, contact) end
  if agent.auto_accept or string.find(agent.accepts, contact.channel) then
    contact.state = 'connected'
    connect(engine, agent, contact, set_slot(agent, token, 'connected', contact), token)
  else
    local window_ms = of_channel(agent.windows, contact.channel)
      or redis.call('HGET', key_of(engine, 'queue', contact.queue), contact.channel)
      or OFFER_WINDOW_MS[contact.channel]
    contact.state, contact.deadline_us = 'offered', text_of(engine.now_us + tonumber(window_ms) * 1000)
    redis.call('HSET', contact.key, 'state', 'offered', 'agent', agent.name, 'token', token)
    redis.call('ZADD', key_of(engine, 'offered', contact.queue, contact.channel), contact.priority, contact.place)
    redis.call('ZADD', key_of(engine, 'due'), contact.deadline_us, due_of('offer', contact.id))
    if contact.track ~= '' and not contact.expires_us then watch_line(engine, contact, '') end
    count(engine, contact.queue .. ':' .. contact.channel, 'offers')
    count(engine, agent.name, 'offers')
    set_slot(agent, token, 'offered', contact)
  end
  agent.slots[#agent.slots].told = contact
  emit(engine, 'contact.' .. contact.state, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', agent.name, 'token', token, 'attempt', contact.attempts + 1, 'profile', agent.profile,
    'profile_version', agent.profile_version, 'entry_priority', contact.entry_priority or 'by_hand',
    'waited_us', text_of(engine.now_us - contact.queued_us), 'deadline_us', contact.deadline_us)
end
