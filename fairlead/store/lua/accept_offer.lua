-- accept_offer: the agent answers a contact that it is being offered; the contact is connected.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, parked, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  STALE_TOKEN id token
-- USES    open_engine open_session refuse read_contact leave_offer connect next_stamp set_slot emit turn
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local agent, refusal = open_session(engine, name, epoch, op)
if not agent then return refusal end
local contact = read_contact(engine, id)
if agent.is_new and (not contact or contact.token ~= token or contact.agent ~= name) then
  return refuse(agent, 'STALE_TOKEN ' .. id .. ' ' .. token)
end

if agent.is_new and contact.state == 'offered' then
  leave_offer(engine, contact)
  set_slot(agent, token, 'held')
  connect(engine, agent, contact, token, next_stamp(engine))
  emit(engine, 'contact.accepted', 'contact', id, 'queue', contact.queue, 'channel', contact.channel, 'agent', name,
    'token', token)
end
return turn(engine, agent, seen, {})
