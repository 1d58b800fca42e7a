-- forget_line: nobody is in a line any more that is not to be looked at again.
-- USES due_of key_of
local function forget_line(engine, line)
  redis.call('DEL', key_of(engine, 'oldest', line))
  redis.call('ZREM', key_of(engine, 'due'), due_of('line', line))
end
