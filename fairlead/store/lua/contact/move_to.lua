-- move_to: a contact that is in no line and no slot goes to another queue: its wait, its delay and its routing steps
-- begin anew there. `rank` keep: its place is computed from its original time; back: from now; front: before all of its
-- priority. Its attempts, and a pause after one, are its own and stay; so are the queues where it has waited
-- since it was last connected. `is_overflow`: it has left its queue, for the service level. Ready to be requeued.
-- USES bucket_of count next_stamp own_expiry text_of digits_of
local function move_to(engine, contact, queue, rank, is_overflow)
  local pair = contact.queue .. ':' .. contact.channel
  if is_overflow then count(engine, pair, 'o' .. bucket_of(engine.now_us - contact.entered_us)) end
  own_expiry(engine, contact)
  contact.queued_us = digits_of(next_stamp(engine))
  contact.entered_us = engine.now_us
  if rank == 'back' then contact.rank = contact.queued_us end
  if rank == 'front' then contact.rank = string.rep('0', 16) end
  if rank ~= 'keep' then redis.call('HDEL', contact.key, 'age_us') end
  contact.waited_in = contact.queue .. ' ' .. contact.waited_in
  contact.queue, contact.refused = queue, nil
  redis.call('HSET', contact.key, 'queue', queue, 'rank', contact.rank, 'queued_us', contact.queued_us,
    'unanswered', 0, 'chain_length', contact.chain_length, 'waited_in', contact.waited_in)
  redis.call('HDEL', contact.key, 'refused', 'raised', 'entered_us')
  if contact.criteria then
    contact.step, contact.step_us = 1, engine.now_us
    redis.call('HSET', contact.key, 'step', 1, 'step_us', text_of(engine.now_us))
  end
end
