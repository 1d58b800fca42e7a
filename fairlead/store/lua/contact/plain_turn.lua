-- plain_turn: an agent ends contacts and takes as many others, or none where none waits, where nothing else is in play:
-- no tracks, no closed queues, no choice of agents, no delays, weights, limits or proficiencies, no after-contact work,
-- no next status; it answers by itself, is connected to what it ends, and where it takes others has nothing to offer,
-- before and after. `words`: from `first` on, the contacts and their tokens.
-- It writes and answers what finish, choose, assign, reindex and fill_and_tell would, in fewer steps. Returns nil, and
-- has written nothing, where something else is in play, or what is asked is a repetition or is refused: then those do
-- it.
-- EMITS contact.completed contact queue channel agent token reason
-- EMITS contact.connected contact queue channel agent token attempt profile profile_version entry_priority waited_us
--         deadline_us
-- USES agent_row bucket_of choose_plain count count_slot emit key_of now_text profile_of read_field read_slots reindex
--      slot_of slots_text terms_of text_of
-- RARELY count_all
local function plain_turn(engine, name, epoch, op, asked, last_token, words, first)
  if engine.is_special then return nil end
  local agent_key, payloads_key = key_of(engine, 'agent', name), key_of(engine, 'payloads')
  local its_epoch, its_profile, routable, auto_accept, capacity, available_us, offerable, last_op, pools, next_status,
    misses, absent, activity, own, slots, acw, _, _, present_us = unpack(agent_row(engine, name), 1, 19)
  if its_epoch ~= epoch or tonumber(op) <= tonumber(last_op or 0) or routable ~= '1' or auto_accept ~= '1'
    or pools ~= its_profile or activity ~= 'contact' or absent == '1' or misses
    or present_us and tonumber(present_us) <= engine.now_us
    or (next_status or '') ~= '' or (own or '0') ~= '0' or (acw or '') ~= ''
  then
    return nil
  end
  local profile = profile_of(engine, its_profile)
  if not profile.is_plain then return nil end
  local agent = {
    slots = read_slots(slots), is_routable = true, absent = false, next_status = '', capacity = tonumber(capacity) or 0,
    most = profile.most, allows_others = profile.allows_others, used = {}, used_in_all = 0, kept = {}, kept_in_all = 0,
    paused = 0,
  }
  if tonumber(last_token) >= math.max(engine.stamp + 1, engine.now_us) then return nil end
  local ended, ids, held = {}, {}, {}
  for place = first, #words, 2 do
    local slot = slot_of(agent, words[place + 1])
    if not slot or slot.is_ended or slot.contact ~= words[place] or slot.kind ~= 'connected'
      or string.sub(slot.queue, 1, 1) == '@' or (terms_of(engine, slot.queue, slot.channel).acw or '0') ~= '0'
    then
      return nil
    end
    slot.is_ended, ended[#ended + 1], ids[#ids + 1] = true, slot, slot.contact
  end
  for _, slot in ipairs(agent.slots) do
    if not slot.is_ended then
      if #slot.token > #last_token or #slot.token == #last_token and slot.token > last_token then return nil end
      count_slot(agent, slot, 1)
      held[#held + 1] = slot
    end
  end
  local chosen = ended[1] and choose_plain(engine, agent, profile.entries)
  if not chosen or chosen[1] and offerable ~= '' then return nil end

  if ended[2] then engine.tally = {} end
  for _, slot in ipairs(ended) do
    local handled_us, pair = engine.now_us - tonumber(slot.connected_us), slot.queue .. ':' .. slot.channel
    count(engine, pair, 'h' .. bucket_of(handled_us))
    count(engine, pair, 'handle_us', handled_us)
    count(engine, name, 'handled')
    count(engine, name, 'handle_us', handled_us)
    local contact_key = key_of(engine, 'contact', slot.contact)
    redis.call('HSET', contact_key, 'state', 'completed')
    redis.call('EXPIRE', contact_key, engine.kept.ended_retention_s)
    emit(engine, 'contact.completed', 'contact', slot.contact, 'queue', slot.queue, 'channel', slot.channel,
      'agent', name, 'token', slot.token, 'reason', '')
  end
  redis.call('HDEL', payloads_key, unpack(ids))
  if not chosen[1] then
    agent.name, agent.key, agent.profile, agent.pools, agent.skillsets = name, agent_key, its_profile, pools, ''
    agent.available_us, agent.indexed_us, agent.offerable = now_text(engine), available_us, offerable
    agent.activity, agent.op, agent.asked, agent.slots = activity, op, asked, held
    agent.has_new_op, agent.has_new_slots = true, true
    setmetatable(agent, { __index = function(one, field) return read_field(one, field) end })
    reindex(engine, agent)
    if engine.tally then count_all(engine) end
    return { 0, 0 }
  end
  local connected_us, token, its = now_text(engine), '', {}
  for place, contact in ipairs(chosen) do
    engine.stamp = math.max(engine.stamp + 1, engine.now_us)
    token = engine.stamp == engine.now_us and connected_us or text_of(engine.stamp)
    its[place] = contact.id
    held[#held + 1] = {
      token = token, channel = contact.channel, kind = 'connected', contact = contact.id, queue = contact.queue,
      connected_us = connected_us,
    }
    redis.call('ZREM', contact.line, contact.place)
    redis.call('HSET', contact.key, 'state', 'connected', 'agent', name, 'token', token, 'connected_us', connected_us,
      'answered', '1')
    local waited_us, pair = engine.now_us - tonumber(contact.rank), contact.queue .. ':' .. contact.channel
    count(engine, pair, 'a' .. bucket_of(waited_us))
    count(engine, pair, 'wait_us', waited_us)
    emit(engine, 'contact.connected', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'agent', name, 'token', token, 'attempt', '1', 'profile', its_profile, 'profile_version', profile.version,
      'entry_priority', contact.entry_priority, 'waited_us', text_of(waited_us), 'deadline_us', '')
  end
  redis.call('HSET', engine.instance_key, 'stamp', token)
  redis.call('HSET', agent_key, 'op', op, 'asked', asked, 'available_us', token, 'slots', slots_text(held))
  if engine.tally then count_all(engine) end

  local reply, payloads = { 0, 0 }, its[2] and redis.call('HMGET', payloads_key, unpack(its))
    or { redis.call('HGET', payloads_key, its[1]) }
  for place, contact in ipairs(chosen) do
    local slot, last = held[#held - #chosen + place], #reply
    reply[last + 1], reply[last + 2], reply[last + 3] = contact.id, slot.token, 'connected'
    reply[last + 4], reply[last + 5], reply[last + 6] = contact.queue, contact.channel, contact.priority
    reply[last + 7], reply[last + 8], reply[last + 9] = 0, contact.rank, ''
    reply[last + 10], reply[last + 11], reply[last + 12], reply[last + 13] = '', 'inbound', '', ''
    reply[last + 14] = payloads[place] or ''
  end
  return reply
end
