-- assign_contact: a supervisor gives a waiting contact to a signed-in agent, whose slots it may exceed. Whoever it is
-- being offered to loses the offer.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    name      str   the agent's name
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   the contact's state
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- ERRORS  SESSION_ENDED agent
-- KNOWS   IN_QUEUE
-- USES    open_engine read_contact read_agent leave_wait enter_line hand_over go_on wake
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact, agent = read_contact(engine, id), read_agent(engine, name)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
local is_theirs = contact.agent == name and not contact.rings
  and (contact.state == 'offered' or contact.state == 'connected')
if is_theirs then return contact.state end
if not IN_QUEUE[contact.state] then
  return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state)
end
if not agent then return redis.error_reply('SESSION_ENDED ' .. name) end

local before = leave_wait(engine, contact)
enter_line(engine, contact)
hand_over(engine, agent, contact, false)
wake(engine, agent)
go_on(engine, before)
return redis.call('HGET', contact.key, 'state')
