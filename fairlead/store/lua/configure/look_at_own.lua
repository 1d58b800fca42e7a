-- look_at_own: the own queues of these agents hold contacts, and overflow otherwise now: they are to be looked at.
-- USES due_of key_of text_of
local function look_at_own(engine, names)
  local due_key, now_us = key_of(engine, 'due'), text_of(engine.now_us)
  for _, name in ipairs(names) do redis.call('ZADD', due_key, now_us, due_of('own', '@' .. name)) end
end
