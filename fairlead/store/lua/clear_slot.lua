-- clear_slot: free the slot that a missed or failed offer has kept, or end the after-contact work of a contact.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    seen      int   the highest token that the session has seen
-- ARGV    token     int   the fencing token of the offer or the contact
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the turn: fenced, parked, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  STALE_TOKEN agent token
-- USES    open_engine open_session refuse clear_slots turn
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
local agent, refusal = open_session(engine, name, epoch, op)
if not agent then return refusal end

if agent.is_new and not clear_slots(engine, agent, token) then
  return refuse(agent, 'STALE_TOKEN ' .. name .. ' ' .. token)
end
return turn(engine, agent, seen, {})
