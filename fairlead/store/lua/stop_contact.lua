-- stop_contact: a supervisor ends a contact, wherever it is: at once, without after-contact work.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- KNOWS   WAITING
-- USES    count_apart open_engine read_contact key_of leave_wait end_contact end_part clear_slots set_slot read_agent
--         go_on
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
local state = contact.state
if state == 'abandoned' or state == 'expired' then return redis.error_reply('WRONG_STATE ' .. id .. ' ' .. state) end

if state == 'completed' then return 1 end
local agent, agents
if state == 'parked' then
  redis.call('ZREM', key_of(engine, 'parked'), id)
  count_apart(engine, contact.queue, -1)
elseif WAITING[state] then
  agents = leave_wait(engine, contact)
else
  agent = read_agent(engine, contact.agent)
end
if state == 'acw' then
  clear_slots(engine, agent, contact.token)
else
  if agent then end_part(engine, agent, set_slot(agent, contact.token, nil)) end
  end_contact(engine, contact, 'completed', 'stopped')
end
go_on(engine, agents or { agent })
return 1
