-- drop_due: nothing comes due any more for a contact that waits: no start, step, expiry, end of a pause, or overflow of
-- an agent's own queue.
-- USES due_of key_of
local function drop_due(engine, id)
  redis.call('ZREM', key_of(engine, 'due'), due_of('start', id), due_of('step', id), due_of('expiry', id),
    due_of('pause', id), due_of('own', id))
end
