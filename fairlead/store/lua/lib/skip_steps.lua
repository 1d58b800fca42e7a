-- skip_steps: where the queue wants it, end the routing steps of a waiting contact that no signed-in agent who serves the
-- queue satisfies, whatever its status.
-- USES asked_of crews_of emit enter_line key_of leave_line match_contact member_of satisfies text_of
local function skip_steps(engine, contact)
  if not contact.criteria or string.sub(contact.queue, 1, 1) == '@' then return end
  if redis.call('HGET', key_of(engine, 'queue', contact.queue), 'skip_unmatched_steps') ~= '1' then return end
  local function somebody_satisfies(expression)
    for _, crew in ipairs(crews_of(engine, contact.queue, contact.channel, math.huge)) do
      local online = redis.call('SMEMBERS', key_of(engine, 'online', crew[1]))
      for _, name in ipairs(online) do
        local skills = redis.call('HGET', key_of(engine, 'agent', name), 'skills') or ''
        if satisfies(expression, skills, name) then return true end
      end
    end
    return false
  end
  while redis.call('HGET', contact.key, 'state') == 'queued' do
    local expression = asked_of(contact)
    if expression == '' or somebody_satisfies(expression) then return end
    local _, steps = string.gsub(contact.criteria, '[^\n]+', '')
    if contact.step > steps then return end
    emit(engine, 'contact.step_expired', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'step', contact.step, 'reason', 'unmatched')
    leave_line(engine, contact.queue, contact.channel, contact.lane, member_of(contact))
    redis.call('ZREM', key_of(engine, 'due'), 'step:' .. contact.id)
    contact.step, contact.step_us = contact.step + 1, engine.now_us
    redis.call('HSET', contact.key, 'step', contact.step, 'step_us', text_of(contact.step_us))
    enter_line(engine, contact)
    match_contact(engine, contact)
  end
end
