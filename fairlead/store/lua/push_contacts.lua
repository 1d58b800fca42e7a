-- push_contacts: put contacts into their queues, one after the other, and each, when an agent is free for it, give it
-- to the one available longest; or schedule it. A queue that is full, or closed with that policy, passes a contact on
-- to the overflow queue that it names; one that takes nothing refuses what is scheduled, too, when it is asked. What is
-- the same for all of them is read once, and each comes a moment after the one before.
-- KEYS    instance    hash   the instance's stamp and settings
-- KEYS    payloads    hash   what producers have sent
-- ARGV    now_us      int    empty: Redis' time
-- ARGV    actor       str    who asks, for the events; empty: nobody says
-- ARGV*   id          str    the contact's id
-- ARGV*   queue       str    the queue's name, or @agent
-- ARGV*   channel     str    voice, chat, task or email
-- ARGV*   priority    int    contact priority, 1 is the highest
-- ARGV*   digest      int    of everything the producer gave; tells a repetition from another contact
-- ARGV*   body        bytes  the payload
-- ARGV*   further     int    how many words of this contact follow: names and values, only of what it has. intake: what
--                            an intake has decided, as refuse_intake reads it; age_us: how much older than its arrival
--                            it ranks, younger when negative; criteria: the routing steps, one a line: "expiry_us
--                            expression", "-" for never; start_us, or delay_us: when, or in how long, it is to enter
--                            its queue; callback: "retry_us retries expiry_us" of a callback; expiry_us: how long it
--                            may wait, else as its queue says; direction, customer, attributes, headers, related_to
-- REPLY   of each contact: created (0 or 1), its state, its queue; of one among several that is refused: -1, the
--         refusal, and an empty text
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
-- KNOWS   EXPIRY_S LONGEST_SCHEDULE_S TAKEN_AT_ONCE
-- USES    open_engine enqueue key_of push_plain terms_of text_of
-- RARELY  admit count_all refuse_intake schedule
local engine = open_engine(instance_key, now_us, actor)
if #ARGV == REST + 7 then
  local id, queue, channel, priority, digest, body = unpack(ARGV, REST + 1, REST + 6)
  local state = push_plain(engine, payloads_key, id, queue, channel, priority, digest, body)
  if state then return { 1, state, queue } end
end
local of_queue, answers, last_stamp = {}, {}, engine.stamp

local function settings_of(queue, channel)
  local pair = queue .. ':' .. channel
  local settings = of_queue[pair]
  if not settings then
    local is_own = string.sub(queue, 1, 1) == '@'
    local terms = not is_own and terms_of(engine, queue, channel)
    local is_known = terms and terms.admits_all
      or is_own and redis.call('HGET', key_of(engine, 'agent', string.sub(queue, 2)), 'profile')
    settings = { is_own = is_own, is_known = is_known, is_limited = is_own or is_known ~= '1',
      wait_us = (tonumber(terms and terms.expiry_s or is_own and EXPIRY_S[channel]) or 0) * 1000000 }
    of_queue[pair] = settings
  end
  return settings
end

-- why a contact cannot be pushed; nil when it can: then its queue is the one that takes it
local function refusal_of(contact)
  local refusal = contact.intake and refuse_intake(instance_key, contact.intake)
  if refusal then return refusal end
  local queue, settings = contact.queue, settings_of(contact.queue, contact.channel)
  if not settings.is_known then
    return settings.is_own and 'UNKNOWN_AGENT ' .. string.sub(queue, 2) or 'UNKNOWN_QUEUE ' .. queue
  end
  contact.wait_us = tonumber(contact.expiry_us) or settings.wait_us
  local starts_us = tonumber(contact.start_us) or contact.delay_us and engine.now_us + tonumber(contact.delay_us)
  if starts_us and starts_us > engine.now_us + LONGEST_SCHEDULE_S * 1000000 then
    return 'START_TOO_FAR ' .. contact.id .. ' ' .. text_of((starts_us - engine.now_us) / 1000000)
  end
  contact.starts_us = starts_us
  if settings.is_limited then
    engine.present, engine.counted = nil, nil  -- the contacts before this one may have taken agents
    local target
    target, refusal = admit(engine, queue, starts_us ~= nil, true, not starts_us and contact.channel or nil)
    if not target then return refusal end
    if not starts_us then contact.queue = target.name end
  end
end

-- what most contacts have not: the fields of their records from `first` to `last`
local function further_fields(contact, queue, fields, first, last)
  local function write(field, value) fields[#fields + 1], fields[#fields + 2] = field, value end
  for place = first, last, 2 do
    local field = ARGV[place]
    if field == 'expiry_us' then field = 'own_expiry_us' end
    if field ~= 'start_us' and field ~= 'delay_us' then write(field, ARGV[place + 1]) end
  end
  if contact.expiry_us or contact.starts_us or contact.age_us ~= 0 or contact.queue ~= queue then
    contact.expires_us = contact.wait_us > 0 and text_of((contact.starts_us or engine.now_us) + contact.wait_us)
      or 'never'
    write('expires_us', contact.expires_us)
  end  -- else it expires when its queue says so
  if contact.criteria then contact.step, contact.step_us = 1, engine.now_us end
  if contact.callback then write('direction', 'outbound') end
end

local is_many, is_fresh, place = REST + 7 + ARGV[REST + 7] < #ARGV, false, REST
local bodies, refused = {}, {}  -- where none is known, all payloads are written with the first that is taken
if is_many then
  local ids, keys = {}, {}
  is_fresh = true
  while place < #ARGV do
    local id, at = ARGV[place + 1], #bodies
    is_fresh, ids[id] = is_fresh and not ids[id], true
    keys[#keys + 1], bodies[at + 1], bodies[at + 2] = key_of(engine, 'contact', id), id, ARGV[place + 6]
    place = place + 7 + ARGV[place + 7]
  end
  engine.seen, engine.tally, engine.turns = {}, {}, math.max(TAKEN_AT_ONCE, #keys + 5)
  is_fresh = is_fresh and redis.call('EXISTS', unpack(keys)) == 0
end
place = REST
while place < #ARGV do
  local id, queue, first = ARGV[place + 1], ARGV[place + 2], place + 8
  place = place + 7 + ARGV[place + 7]
  if answers[1] then engine.now_us = math.max(engine.now_us, engine.stamp) + 1 end  -- it comes after the one before
  local contact_key = key_of(engine, 'contact', id)
  local known = is_fresh and {} or redis.call('HMGET', contact_key, 'digest', 'state', 'queue')
  local created, state, its_queue = 0, known[2], known[3]
  if known[1] ~= ARGV[first - 3] then
    local contact = {
      id = id, key = contact_key, queue = queue, channel = ARGV[first - 5], priority = ARGV[first - 4], track = '',
      age_us = 0, is_new = true, wait_us = 0, queued_us = '', rank = '', state = '', entered_us = 0,
    }
    for word = first, place, 2 do contact[ARGV[word]] = ARGV[word + 1] end
    contact.age_us = tonumber(contact.age_us)
    local refusal = known[1] and 'CONTACT_EXISTS ' .. id or refusal_of(contact)
    if refusal and not is_many then return redis.error_reply(refusal) end
    created, state, its_queue = -1, refusal, ''
    if refusal then
      refused[#refused + 1] = id
    else
      if not is_fresh then bodies = { id, ARGV[first - 2] } end
      if bodies then redis.call('HSET', payloads_key, unpack(bodies)) end
      bodies = nil
      local fields = { 'digest', ARGV[first - 3] }
      if first <= place or contact.queue ~= queue then further_fields(contact, queue, fields, first, place) end
      engine.stamp = math.max(engine.stamp + 1, engine.now_us)
      if contact.starts_us then
        schedule(engine, contact, engine.stamp - contact.age_us, fields)
      else
        enqueue(engine, contact, engine.stamp, engine.stamp - contact.age_us, fields)
      end
      created, state, its_queue = 1, contact.state, contact.queue
    end
  end
  local at = #answers
  answers[at + 1], answers[at + 2], answers[at + 3] = created, state, its_queue
end
if is_fresh and refused[1] then redis.call('HDEL', payloads_key, unpack(refused)) end
if engine.stamp ~= last_stamp then redis.call('HSET', instance_key, 'stamp', text_of(engine.stamp)) end
if is_many then count_all(engine) end
return answers
