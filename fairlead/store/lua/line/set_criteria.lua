-- set_criteria: other routing steps of a contact begin now, or "-": it has none any more.
-- USES due_of key_of text_of
local function set_criteria(engine, contact, criteria)
  redis.call('ZREM', key_of(engine, 'due'), due_of('step', contact.id))
  redis.call('HDEL', contact.key, 'criteria', 'step', 'step_us')
  contact.criteria, contact.step, contact.step_us = nil, 1, engine.now_us
  if criteria == '-' then return end
  contact.criteria = criteria
  redis.call('HSET', contact.key, 'criteria', criteria, 'step', 1, 'step_us', text_of(engine.now_us))
end
