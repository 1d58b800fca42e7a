-- skip_steps: where the queue wants it, end the routing steps of a waiting contact that no signed-in agent who serves
-- the queue satisfies.
-- EMITS contact.step_expired contact queue channel step reason
-- USES asked_of emit enter_line is_matched key_of leave_line match_contact place_of text_of due_of
local function skip_steps(engine, contact)
  if not contact.criteria then return end
  if redis.call('HGET', key_of(engine, 'queue', contact.queue), 'skip_unmatched_steps') ~= '1' then return end
  local _, steps = string.gsub(contact.criteria, '[^\n]+', '')
  while contact.step <= steps and redis.call('HGET', contact.key, 'state') == 'queued' do
    if is_matched(engine, contact.queue, contact.channel, asked_of(contact)) then return end
    emit(engine, 'contact.step_expired', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'step', contact.step, 'reason', 'unmatched')
    leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact))
    redis.call('ZREM', key_of(engine, 'due'), due_of('step', contact.id))
    contact.step, contact.step_us = contact.step + 1, engine.now_us
    redis.call('HSET', contact.key, 'step', contact.step, 'step_us', text_of(contact.step_us))
    enter_line(engine, contact)
    match_contact(engine, contact)
  end
end
