-- apply_queues: write the queues that differ, forget those that are gone, and note which have hours, which choose
-- agents otherwise or offer to several, and which relieve contacts that have waited long. Returns those that do not
-- exclude any more who has refused a contact.
-- EMITS queue.updated queue change
-- KNOWS CHANNELS
-- USES change_expiry emit key_of save_special
local function apply_queues(engine, changes)
  local forgiving, choices, relieved, expiries = {}, {}, {}, {}
  for place, channel in ipairs(CHANNELS) do expiries[place] = 'expiry:' .. channel end
  for queue, change in pairs(changes.queue) do
    local queue_key = key_of(engine, 'queue', queue)
    local before = redis.call('HMGET', queue_key, 'offer_again_after_s', unpack(expiries))
    redis.call('DEL', queue_key)
    for _, channel in ipairs(CHANNELS) do engine.kept.terms[queue .. ':' .. channel] = nil end
    redis.call('HDEL', key_of(engine, 'timed'), queue)
    local after = {}
    if change.digest == '' then
      redis.call('SREM', key_of(engine, 'queues'), queue)
      redis.call('HDEL', key_of(engine, 'turns'), queue)
      emit(engine, 'queue.updated', 'queue', queue, 'change', 'removed')
    else
      redis.call('SADD', key_of(engine, 'queues'), queue)
      redis.call('HSET', queue_key, unpack(change.values))
      local row = redis.call('HMGET', queue_key, 'offer_again_after_s', 'agent_choice', 'raise_after_s',
        'overflow_after_s', 'hours', 'closed_policy', 'choice_proficiency', 'offer_to', unpack(expiries))
      for place in ipairs(expiries) do after[place] = row[place + 8] end
      if row[5] ~= '' then redis.call('HSET', key_of(engine, 'timed'), queue, row[5] .. ' ' .. row[6]) end
      if before[1] == '' and row[1] ~= '' then forgiving[#forgiving + 1] = queue end
      local choice = row[2]
      if choice == 'highest_proficiency' then choice = choice .. ':' .. row[7] end
      if choice ~= 'longest_idle' then choices[#choices + 1] = queue .. '=' .. choice end
      if (row[8] or '1') ~= '1' then choices[#choices + 1] = queue .. '*' .. row[8] end
      if row[1] == '' or row[3] ~= '' or row[4] ~= '' then relieved[#relieved + 1] = queue end
      emit(engine, 'queue.updated', 'queue', queue, 'change', change.known and 'changed' or 'added')
    end
    for place, channel in ipairs(change.known and CHANNELS or {}) do
      change_expiry(engine, queue, channel, tonumber(before[place + 1]) or 0, tonumber(after[place]) or 0)
    end
  end
  local function with_others(words, before)
    for word in string.gmatch(before or '', '%S+') do
      if not changes.queue[string.match(word, '^[^=*]+')] then words[#words + 1] = word end
    end
    table.sort(words)
    return words[1] and ' ' .. table.concat(words, ' ') .. ' ' or ' '
  end
  local before = engine.choices
  engine.choices = with_others(choices, before)
  if engine.choices ~= before then save_special(engine) end
  local relieved_before = redis.call('HGET', engine.instance_key, 'relieved')
  redis.call('HSET', engine.instance_key, 'relieved', with_others(relieved, relieved_before))
  return forgiving
end
