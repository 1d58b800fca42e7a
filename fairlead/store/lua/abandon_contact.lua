-- abandon_contact: the customer has left while the contact waited, was being offered, or was scheduled.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- KNOWS   WAITING
-- USES    count open_engine read_contact leave_wait end_contact all_then_match fill
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
if contact.state == 'abandoned' then return 1 end
if not WAITING[contact.state] then
  return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state)
end

local agents = leave_wait(engine, contact)
if agents[1] then count(engine, contact.queue .. ':' .. contact.channel, 'left') end
for _, agent in ipairs(agents) do count(engine, agent.name, 'left') end
end_contact(engine, contact, 'abandoned')
all_then_match(engine, function()
  for _, agent in ipairs(agents) do fill(engine, agent) end
end)
return 1
