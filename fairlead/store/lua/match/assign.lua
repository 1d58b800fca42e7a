-- assign: give a waiting contact to an agent: connected at once when the session or the agent accepts by itself, else
-- offered, to others as well where its queue says so. `entry_priority` says by which entry of the profile it was
-- chosen; none when it is given by hand. `is_fresh`: it has nothing but what each has, and stands in no line yet.
-- USES accepts_itself connect is_bare key_of leave_line next_stamp set_slot tell_given
-- RARELY due_of end_pause note_turn others_for ring ring_others share watch_line
local function assign(engine, agent, contact)
  local others = engine.choices ~= ' ' and contact.entry_priority and others_for(engine, agent, contact) or nil
  local _, token = next_stamp(engine)
  contact.key = key_of(engine, 'contact', contact.id)
  local is_known = contact.is_fresh or is_bare(contact.key)
  local row = is_known and {} or redis.call('HMGET', contact.key, 'attempts', 'direction', 'expires_us', 'criteria',
    'customer', 'unanswered', 'answered', 'attributes', 'headers', 'refused', 'waited_in', 'entered_us')
  contact.attempts, contact.direction = tonumber(row[1]) or 0, row[2] or 'inbound'
  contact.expires_us, contact.criteria, contact.customer = row[3], row[4], row[5]
  contact.unanswered, contact.answered = tonumber(row[6]) or 0, row[7]
  contact.attributes, contact.headers = row[8] or '', row[9] or ''
  contact.waited_in, contact.entered_us = row[11], tonumber(row[12]) or tonumber(contact.queued_us)
  contact.agent, contact.token, contact.deadline_us = agent.name, token, ''
  if not contact.is_fresh then
    leave_line(engine, contact.queue, contact.channel, contact.track, contact.place)
  end
  if contact.again_us then
    end_pause(engine, contact)
  elseif row[10] then
    redis.call('ZREM', key_of(engine, 'due'), due_of('pause', contact.id))
  end
  if agent.is_weighted and contact.weight then share(engine, agent, contact) end
  if engine.choices ~= ' ' and contact.entry_priority then note_turn(engine, agent, contact) end
  if accepts_itself(agent, contact.channel) then
    contact.state = 'connected'
    connect(engine, agent, contact, set_slot(agent, token, 'connected', contact), token)
  else
    contact.state = 'offered'
    redis.call('HSET', contact.key, 'state', 'offered', 'agent', agent.name, 'token', token)
    redis.call('ZADD', key_of(engine, 'offered', contact.queue, contact.channel), contact.priority, contact.place)
    if contact.track ~= '' and not contact.expires_us then watch_line(engine, contact, '') end
    ring(engine, agent, contact, token, 'offer', contact.id)
  end
  tell_given(engine, agent, contact, token)
  if others and others[1] then ring_others(engine, contact, others) end
end
