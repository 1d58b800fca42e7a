-- complete_contacts: contacts that the agent has finished end, or their after-contact work begins; what it may take
-- next is given to it in the same call. A contact whose token is not the given one is left alone and named in the
-- reply.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    now_us    int   empty: Redis' time
-- ARGV*   contact   str   the contact's id
-- ARGV*   token     int   its fencing token
-- REPLY   the turn: fenced, parked, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- KNOWS   HELD
-- USES    open_engine open_session read_contact finish turn
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local agent, refusal = open_session(engine, name, epoch, op)
if not agent then return refusal end

local fenced = {}
for place = REST + 1, #ARGV, 2 do
  local contact, token = read_contact(engine, ARGV[place]), ARGV[place + 1]
  if not contact or contact.token ~= token or contact.agent ~= name then
    fenced[#fenced + 1] = ARGV[place]
  elseif agent.is_new and HELD[contact.state] then
    finish(engine, agent, contact)
  elseif contact.state ~= 'completed' and contact.state ~= 'acw' then
    fenced[#fenced + 1] = ARGV[place]
  end
end
return turn(engine, agent, seen, fenced)
