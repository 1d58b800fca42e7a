-- skip_steps: where the queue wants it, end the routing steps of a waiting contact for which nobody is there: of those
-- who serve the queue and satisfy the step nobody is available, or staffed, or signed in.
-- EMITS contact.step_expired contact queue channel step reason
-- USES asked_of emit enter_line is_anybody key_of leave_line match_contact place_of text_of due_of
local function skip_steps(engine, contact)
  if not contact.criteria then return end
  local when = redis.call('HGET', key_of(engine, 'queue', contact.queue), 'skip_steps_when') or 'never'
  if when == 'never' then return end
  local _, steps = string.gsub(contact.criteria, '[^\n]+', '')
  while contact.step <= steps and redis.call('HGET', contact.key, 'state') == 'queued' do
    if is_anybody(engine, contact.queue, contact.channel, asked_of(contact), when) then return end
    emit(engine, 'contact.step_expired', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'step', contact.step, 'reason', when)
    leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact))
    redis.call('ZREM', key_of(engine, 'due'), due_of('step', contact.id))
    contact.step, contact.step_us = contact.step + 1, engine.now_us
    redis.call('HSET', contact.key, 'step', contact.step, 'step_us', text_of(contact.step_us))
    enter_line(engine, contact)
    match_contact(engine, contact)
  end
end
