-- resume_session: a live session goes on with another holder, under a new epoch: its status, its slots and its contacts
-- with their tokens stay, and everything that is held is handed out again. Whoever had it is fenced by the epoch. A
-- session is live until somebody has ended it. When its holder is dead, all other sessions of that holder end before
-- anything is routed.
-- KEYS    instance     hash  the instance's stamp and settings
-- KEYS    agent        hash  the agent's record
-- ARGV    name         str   the agent's name
-- ARGV    resumes      int   the epoch of the session that is to go on
-- ARGV    is_dead      int   1: the holder of that session is known to be dead
-- ARGV    worker       str   the worker, for people
-- ARGV    inbox        str   the inbox that is told what the agent was given; empty: none
-- ARGV    holder       str   who holds the session; other sessions of the same holder are those of one process
-- ARGV    lease_us     int   how long the session lives without being renewed
-- ARGV    auto_accept  int   1: contacts are connected at once; 0: on the channels that the agent's configuration names
-- ARGV    capacity     int   the most contacts held over all channels; 0: as the profile says
-- ARGV    request      str   the id of this sign-in; tells a repetition from a second one
-- ARGV    now_us       int   empty: Redis' time
-- REPLY   the new epoch, the number of its last request, then the answer: fenced, parked, ids, offers
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  SESSION_ENDED agent
-- EMITS   agent.resumed agent worker epoch capacity
-- USES    all_then_match emit end_lost fill fill_and_tell hand_over_session hold_session key_of lose_holder
--         next_stamp open_engine read_agent text_of
-- FLAGS   allow-oom
local row = redis.call('HMGET', agent_key, 'profile', 'epoch', 'holder', 'request', 'op')
if not row[1] then return redis.error_reply('UNKNOWN_AGENT ' .. name) end
local is_repeated = row[2] and row[4] == request
if not is_repeated and row[2] ~= resumes then return redis.error_reply('SESSION_ENDED ' .. name) end

local engine = open_engine(instance_key, now_us, 'agent:' .. name)
local epoch, op = row[2], row[5]
if is_repeated then
  hand_over_session(engine, name, worker, inbox, holder)
else
  epoch, op = text_of(next_stamp(engine)), '0'
  redis.call('SREM', key_of(engine, 'holder', row[3]), name)
  redis.call('HDEL', agent_key, 'absent', 'asked', 'refusal', 'fenced')
  hold_session(engine, name, epoch, {
    worker = worker, inbox = inbox, holder = holder, request = request, lease_us = lease_us, auto_accept = auto_accept,
    capacity = capacity,
  })
  emit(engine, 'agent.resumed', 'agent', name, 'worker', worker, 'epoch', epoch, 'capacity', capacity)
  all_then_match(engine, function()
    if is_dead == '1' and row[3] ~= holder then
      lose_holder(engine, row[3])
      end_lost(engine)
      engine.is_behind = engine.lost ~= ' '
    end
    fill(engine, read_agent(engine, name))
  end)
end
local reply
local function tell() reply = fill_and_tell(engine, read_agent(engine, name), '0', {}, {}) end
if engine.is_behind then all_then_match(engine, tell) else tell() end
table.insert(reply, 1, op)
table.insert(reply, 1, epoch)
return reply
