-- hold_session: an agent's session has a holder from now on, under a new epoch, and its requests are numbered anew.
-- `held` says by whom and how: worker, inbox, holder, request, lease_us, auto_accept, capacity; `...` are further
-- fields of the agent's record.
-- USES due_of key_of presence_of text_of
local function hold_session(engine, name, epoch, held, ...)
  local absent_us = engine.now_us + presence_of(held.lease_us)
  redis.call('HSET', key_of(engine, 'agent', name), 'epoch', epoch, 'op', 0, 'worker', held.worker,
    'inbox', held.inbox, 'holder', held.holder, 'request', held.request, 'lease_us', held.lease_us,
    'auto_accept', held.auto_accept, 'capacity', held.capacity, 'present_us', text_of(absent_us), ...)
  redis.call('ZADD', key_of(engine, 'due'), text_of(absent_us), due_of('session', name))
  redis.call('SADD', key_of(engine, 'holder', held.holder), name)
end
