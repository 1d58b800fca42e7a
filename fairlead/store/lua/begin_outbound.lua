-- begin_outbound: the agent begins a contact itself, with a customer whom it calls or writes to: connected at once, in
-- a slot of the agent, whatever its status. It has been in no queue; the one that it counts for is the given one, or
-- the default of the agent's profile.
-- SESSION
-- KEYS    contact   hash  the contact's record
-- KEYS    payloads  hash  what producers sent
-- ARGV    id        str   the contact's id
-- ARGV    queue     str   a standard queue; empty: the outbound queue of the agent's profile
-- ARGV    channel   str   voice, chat, task or email
-- ARGV    priority  int   contact priority, should it ever wait
-- ARGV    digest    str   of everything the agent gave
-- ARGV    body      bytes the payload
-- ARGV*   field     str   a further field of the record: direction, customer, attributes, headers or related_to
-- ARGV*   value     str   its value
-- ERRORS  NO_OUTBOUND_QUEUE agent profile
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  CONTACT_EXISTS id
-- ERRORS  NO_SLOT agent filter value ...
-- USES    refuse digits_of hand_over has_slot is_at_limit key_of next_stamp text_of why_no_slot
-- FLAGS   allow-oom
if agent.is_new then
  local target = queue
  if target == '' then target = redis.call('HGET', key_of(engine, 'profile', agent.profile), 'outbound_queue') or '' end
  if target == '' then return refuse(agent, 'NO_OUTBOUND_QUEUE ' .. name .. ' ' .. agent.profile) end
  local row = redis.call('HMGET', key_of(engine, 'queue', target), 'enabled', 'expiry:' .. channel)
  if not row[1] then return refuse(agent, 'UNKNOWN_QUEUE ' .. target) end
  if redis.call('EXISTS', contact_key) == 1 then return refuse(agent, 'CONTACT_EXISTS ' .. id) end
  if not has_slot(agent, channel) or is_at_limit(agent, target, channel) then
    return refuse(agent, 'NO_SLOT ' .. name .. ' ' .. why_no_slot(agent, target, channel))
  end

  local rank, fields = digits_of(next_stamp(engine)), {}
  for place = REST + 1, #ARGV do fields[#fields + 1] = ARGV[place] end
  redis.call('HSET', payloads_key, id, body)
  redis.call('HSET', contact_key, 'digest', digest, 'state', 'queued', 'queue', target, 'channel', channel,
    'priority', priority, 'rank', rank, 'answered', 1, unpack(fields))
  if row[2] ~= '0' then
    redis.call('HSET', contact_key, 'expires_us', text_of(engine.now_us + tonumber(row[2]) * 1000000))
  end
  hand_over(engine, agent, { id = id, key = contact_key, queue = target, channel = channel, priority = priority,
    rank = rank, queued_us = rank, track = '' }, true)
end
