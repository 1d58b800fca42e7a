-- push_contact: put a contact into its queue and, when an agent is free for it, give it to the one available longest;
-- or schedule it. A queue that is full, or closed with that policy, passes it on to the overflow queue that it names;
-- one that takes nothing refuses what is scheduled, too, when it is asked.
-- KEYS    instance    hash   the instance's stamp and settings
-- KEYS    contact     hash   the contact's record
-- KEYS    payloads    hash   what producers have sent
-- KEYS    owner       hash   the queue's settings, or the agent's record when it is an agent queue
-- ARGV    id          str    the contact's id
-- ARGV    queue       str    the queue's name, or @agent
-- ARGV    channel     str    voice, chat, task or email
-- ARGV    priority    int    contact priority, 1 is the highest
-- ARGV    age_us      int    how much older than its arrival the contact ranks; younger when negative
-- ARGV    digest      int    of everything the producer gave; tells a repetition from another contact
-- ARGV    body        bytes  the payload
-- ARGV    criteria    str    the routing steps, one a line: "expiry_us expression", "-" for never; empty: none
-- ARGV    start_us    int    when it is to enter its queue; empty: now
-- ARGV    delay_us    int    in how long it is to enter its queue; empty: now
-- ARGV    callback    str    "retry_us retries expiry_us" of a callback; empty: it is none
-- ARGV    expiry_us   int    how long it may wait; empty: as its queue says
-- ARGV    now_us      int    empty: Redis' time
-- ARGV    actor       str    who asks, for the events; empty: nobody says
-- ARGV*   field       str    a further field of the record: direction, customer, attributes, headers or related_to; the
--                            first may be intake: what an intake has decided, as refuse_intake reads it
-- ARGV*   value       str    its value
-- REPLY   created (0 or 1), the contact's state, its queue
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  CONTACT_EXISTS id
-- ERRORS  QUEUE_FULL queue limit
-- ERRORS  QUEUE_DISABLED queue
-- ERRORS  QUEUE_CLOSED queue
-- ERRORS  QUEUE_UNSTAFFED queue when
-- ERRORS  START_TOO_FAR id seconds
-- ERRORS  UNKNOWN_INTAKE intake
-- ERRORS  INTAKE_CHANGED intake version expected
-- ERRORS  INTAKE_REFUSED intake reason
-- EMITS   contact.scheduled contact queue channel due_us
-- EMITS   contact.scheduled contact queue channel due_us intake intake_version rule read
-- KNOWS   EXPIRY_S LONGEST_SCHEDULE_S
-- USES    open_engine next_stamp emit enqueue key_of text_of due_of digits_of
-- RARELY  admit count_apart decision_of refuse_intake
local known = redis.call('HMGET', contact_key, 'digest', 'state', 'queue')
if known[1] == digest then return { 0, known[2], known[3] } end
if known[1] then return redis.error_reply('CONTACT_EXISTS ' .. id) end
if ARGV[REST + 1] == 'intake' then
  local refusal = refuse_intake(instance_key, ARGV[REST + 2])
  if refusal then return redis.error_reply(refusal) end
end
local is_agent_queue = string.sub(queue, 1, 1) == '@'
local row = redis.call('HMGET', owner_key, is_agent_queue and 'profile' or 'admits_all', 'expiry:' .. channel)
if not row[1] then
  if is_agent_queue then return redis.error_reply('UNKNOWN_AGENT ' .. string.sub(queue, 2)) end
  return redis.error_reply('UNKNOWN_QUEUE ' .. queue)
end
local engine = open_engine(instance_key, now_us, actor)
local named, starts_us = queue, tonumber(start_us) or (tonumber(delay_us) and engine.now_us + tonumber(delay_us))
if starts_us and starts_us > engine.now_us + LONGEST_SCHEDULE_S * 1000000 then
  return redis.error_reply('START_TOO_FAR ' .. id .. ' ' .. text_of((starts_us - engine.now_us) / 1000000))
end
local is_limited = is_agent_queue or row[1] ~= '1'
if is_limited then
  local target, refusal = admit(engine, queue, starts_us ~= nil, true, not starts_us and channel or nil)
  if not target then return redis.error_reply(refusal) end
  if not starts_us then queue = target.name end
end

redis.call('HSET', payloads_key, id, body)
local fields = { 'digest', digest }
local function write(field, value) fields[#fields + 1], fields[#fields + 2] = field, value end
local contact = {
  id = id, key = contact_key, queue = queue, channel = channel, priority = priority, track = '',
  age_us = tonumber(age_us), is_new = true,
}
for place = REST + 1, #ARGV, 2 do
  contact[ARGV[place]] = ARGV[place + 1]
  write(ARGV[place], ARGV[place + 1])
end
if expiry_us ~= '' then write('own_expiry_us', expiry_us) end
contact.wait_us = tonumber(expiry_us) or (tonumber(row[2]) or is_agent_queue and EXPIRY_S[channel] or 0) * 1000000
if expiry_us ~= '' or starts_us or age_us ~= '0' or queue ~= named then  -- else it expires when its queue says so
  contact.expires_us = contact.wait_us > 0 and text_of((starts_us or engine.now_us) + contact.wait_us) or 'never'
  write('expires_us', contact.expires_us)
end
if criteria ~= '' then
  contact.criteria, contact.step, contact.step_us = criteria, 1, engine.now_us
  write('criteria', criteria)
end
if callback ~= '' then
  write('callback', callback)
  write('direction', 'outbound')
end
if age_us ~= '0' then write('age_us', age_us) end
if starts_us then
  contact.state = 'scheduled'
  write('state', contact.state)
  write('queue', queue)
  write('channel', channel)
  write('priority', priority)
  write('rank', digits_of(next_stamp(engine) - contact.age_us))
  redis.call('HSET', contact_key, unpack(fields))
  redis.call('ZADD', key_of(engine, 'due'), text_of(starts_us), due_of('start', id))
  count_apart(engine, queue, 1)
  if contact.intake then
    local intake, version, rule, read = decision_of(contact.intake)
    emit(engine, 'contact.scheduled', 'contact', id, 'queue', queue, 'channel', channel, 'due_us', text_of(starts_us),
      'intake', intake, 'intake_version', version, 'rule', rule, 'read', read)
  else
    emit(engine, 'contact.scheduled', 'contact', id, 'queue', queue, 'channel', channel, 'due_us', text_of(starts_us))
  end
else
  local queued_us = next_stamp(engine)
  enqueue(engine, contact, queued_us, queued_us - contact.age_us, fields)
end
return { 1, contact.state, queue }
