-- read_moment: the replies to several commands that only read, as of one moment. Changes nothing.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV*   many      int   how many words the command has, its name among them
-- ARGV*   words     str   the words, one by one
-- REPLY   the reply to each command; the error when its key is of another type
-- FLAGS   allow-oom no-writes
local replies, place = {}, REST + 1
while place <= #ARGV do
  local many = tonumber(ARGV[place])
  local reply = redis.pcall(unpack(ARGV, place + 1, place + many))
  if type(reply) == 'table' and reply.err and not string.find(reply.err, 'WRONGTYPE') then return reply end
  replies[#replies + 1], place = reply, place + many + 1
end
return replies
