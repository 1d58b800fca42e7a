-- complete_contacts: contacts that the agent has finished end; what it may take next is given to it in the same call.
-- A contact whose token is not the given one is left alone and named in the reply.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    now_us    int   empty: Redis' time
-- ARGV*   contact   str   the contact's id
-- ARGV*   token     int   its fencing token
-- REPLY   the turn: fenced, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- USES    open_engine open_session key_of read_contact end_contact turn
-- FLAGS   allow-oom
local refusal, is_new = open_session(agent_key, name, epoch, op)
if refusal then return refusal end
redis.call('HSET', agent_key, 'op', op)
local engine, fenced = open_engine(instance_key, now_us), {}
for place = REST + 1, #ARGV, 2 do
  local contact, token = read_contact(engine, ARGV[place]), ARGV[place + 1]
  if not contact or contact.token ~= token then
    fenced[#fenced + 1] = ARGV[place]
  elseif is_new and contact.state == 'connected' then
    redis.call('HDEL', key_of(engine, 'slots', name), token)
    end_contact(engine, contact, 'completed')
  elseif contact.state ~= 'completed' then
    fenced[#fenced + 1] = ARGV[place]
  end
end
return turn(engine, name, seen, fenced)
