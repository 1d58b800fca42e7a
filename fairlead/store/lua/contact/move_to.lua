-- move_to: a contact that is in no line and no slot goes to another queue: its wait, its delay and its routing steps
-- begin anew there. `rank` keep: its place is computed from its original time; back: from now; front: before all of its
-- priority. Its attempts, and a pause after one, are its own and stay. Ready to be requeued.
-- USES next_stamp own_expiry text_of digits_of
local function move_to(engine, contact, queue, rank)
  own_expiry(engine, contact)
  contact.queued_us = digits_of(next_stamp(engine))
  if rank == 'back' then contact.rank = contact.queued_us end
  if rank == 'front' then contact.rank = string.rep('0', 16) end
  if rank ~= 'keep' then redis.call('HDEL', contact.key, 'age_us') end
  contact.queue, contact.unanswered, contact.refused = queue, 0, nil
  contact.chain_length = contact.chain_length + 1
  redis.call('HSET', contact.key, 'queue', queue, 'rank', contact.rank, 'queued_us', contact.queued_us,
    'unanswered', 0, 'chain_length', contact.chain_length)
  redis.call('HDEL', contact.key, 'refused')
  if contact.criteria then
    contact.step, contact.step_us = 1, engine.now_us
    redis.call('HSET', contact.key, 'step', 1, 'step_us', text_of(engine.now_us))
  end
end
