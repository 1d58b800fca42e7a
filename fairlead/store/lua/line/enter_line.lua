-- enter_line: put a contact into its place in line, with the times at which its step ends, somebody may be offered it
-- again, and it expires, when that is its own. One in a pause keeps its place in the track of those, until its pause
-- has passed.
-- KNOWS PAUSE_TRACK
-- USES asked_of due_of key_of line_key place_of text_of track_for watch_line
-- RARELY advance_steps again_at count_aside count_own end_pause forget_passed overflow_own
local function enter_line(engine, contact)
  local is_agent_queue, step_ends_us = string.sub(contact.queue, 1, 1) == '@', nil
  if contact.criteria and not is_agent_queue then step_ends_us = advance_steps(engine, contact) end
  if contact.again_us and tonumber(contact.again_us) <= engine.now_us then end_pause(engine, contact) end
  if contact.refused then forget_passed(engine, contact) end
  local track = contact.again_us and PAUSE_TRACK or track_for(engine, contact, asked_of(contact))
  if track ~= contact.track then
    redis.call('HSET', contact.key, 'track', track)
    contact.track = track
  end
  redis.call('ZADD', line_key(engine, contact.queue, contact.channel, track), contact.priority, place_of(contact))
  if track ~= '' then count_aside(engine, contact.queue, contact.channel, 1) end
  if is_agent_queue then
    count_own(engine, contact.queue, 1)
    overflow_own(engine, contact)
  end
  if step_ends_us then
    redis.call('ZADD', key_of(engine, 'due'), text_of(step_ends_us), due_of('step', contact.id))
  end
  if contact.again_us or contact.refused then
    local again_us = again_at(contact)
    if again_us then redis.call('ZADD', key_of(engine, 'due'), again_us, due_of('pause', contact.id)) end
  end
  if not contact.expires_us then
    watch_line(engine, contact, track)
  elseif contact.expires_us ~= 'never' then
    redis.call('ZADD', key_of(engine, 'due'), contact.expires_us, due_of('expiry', contact.id))
  end
end
