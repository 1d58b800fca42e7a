-- abandon_contact: the customer has left while the contact waited or was being offered.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- USES    open_engine key_of read_contact member_of end_contact read_agent fill wake
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
if contact.state == 'abandoned' then return 1 end
if contact.state ~= 'queued' and contact.state ~= 'offered' then
  return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state)
end

local was_offered = contact.state == 'offered'
local line = was_offered and 'offered' or 'waiting'
redis.call('ZREM', key_of(engine, line, contact.queue, contact.channel), member_of(contact))
end_contact(engine, contact, 'abandoned')
if was_offered then
  redis.call('ZREM', key_of(engine, 'due'), 'offer:' .. id)
  redis.call('HDEL', key_of(engine, 'slots', contact.agent), contact.token)
  local agent = read_agent(engine, contact.agent)
  fill(engine, agent)
  wake(engine, agent)
end
return 1
