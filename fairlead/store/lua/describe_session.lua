-- describe_session: a session as a person's desk shows it: its status, what is in each of its slots, how long its lease
-- lasts. What a missed or failed offer has left in a slot is with somebody else, and is not described. Changes nothing.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    agent     hash  the agent's record
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session; empty: whichever there is
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   epoch, number of the last request, status, next status, absent (0 or 1), profile, worker, holder, the rest of
--         the lease in us, what time it is in us; then seventeen fields for each slot, by token
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  SESSION_ENDED agent
-- USES    describe_slot lease_ends open_engine read_agent text_of
-- FLAGS   allow-oom no-writes
if redis.call('EXISTS', agent_key) == 0 then return redis.error_reply('UNKNOWN_AGENT ' .. name) end
local engine = open_engine(instance_key, now_us, '', true)
local agent, worker = read_agent(engine, name), redis.call('HGET', agent_key, 'worker')
if not agent or epoch ~= '' and epoch ~= agent.epoch then return redis.error_reply('SESSION_ENDED ' .. name) end
local reply = {
  agent.epoch, agent.op, agent.status, agent.next_status, agent.absent and 1 or 0, agent.profile, worker,
  agent.holder, text_of(math.max(0, lease_ends(engine, name) - engine.now_us)),
  text_of(engine.now_us),
}
for _, slot in ipairs(agent.slots) do
  for _, value in ipairs(describe_slot(engine, agent, slot)) do reply[#reply + 1] = value end
end
return reply
