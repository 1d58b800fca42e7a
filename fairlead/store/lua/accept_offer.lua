-- accept_offer: the agent answers a contact that it is being offered; the contact is connected.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    id        str   the contact's id
-- ARGV    token     int   the offer's fencing token
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  STALE_TOKEN id token
-- USES    open_engine open_session key_of read_contact member_of read_agent connect next_stamp reindex emit turn
-- FLAGS   allow-oom
local refusal = open_session(agent_key, name, epoch, op)
if refusal then return refusal end
local engine = open_engine(instance_key, now_us)
local contact = read_contact(engine, id)
if not contact or contact.token ~= token then return redis.error_reply('STALE_TOKEN ' .. id .. ' ' .. token) end

redis.call('HSET', agent_key, 'op', op)
if contact.state == 'offered' then
  local agent = read_agent(engine, name)
  redis.call('ZREM', key_of(engine, 'offered', contact.queue, contact.channel), member_of(contact))
  redis.call('ZREM', key_of(engine, 'due'), 'offer:' .. id)
  connect(engine, agent, contact, token)
  agent.available_us = next_stamp(engine)
  reindex(engine, agent)
  emit(engine, 'contact.accepted', 'contact', id, 'queue', contact.queue, 'channel', contact.channel, 'agent', name,
    'token', token)
end
return turn(engine, name, seen, {})
