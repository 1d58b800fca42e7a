-- sign_in: begin a session of an agent; it is Available and is given what it may take at once.
-- A live session is only replaced when the caller names its epoch; one whose lease has lapsed is replaced anyway.
-- When its holder is dead, all sessions of that holder end before anything is routed. The session of a dead holder, of
-- this one, or past its lease was `lost`; another one is `replaced`.
-- KEYS    instance     hash  the instance's stamp and settings
-- KEYS    agent        hash  the agent's record
-- ARGV    name         str   the agent's name
-- ARGV    profile      str   the routing profile on which an unknown agent is made; empty: it must be known
-- ARGV    replaces     int   the epoch of the live session to be replaced; empty: none
-- ARGV    is_dead      int   1: the holder of that session is known to be dead
-- ARGV    worker       str   the worker, for people
-- ARGV    inbox        str   the inbox that is told what the agent was given; empty: none
-- ARGV    holder       str   who holds the session; other sessions of the same holder are those of one process
-- ARGV    lease_us     int   how long the session lives without being renewed
-- ARGV    auto_accept  int   1: contacts are connected at once; 0: on the channels that the agent's configuration names
-- ARGV    capacity     int   the most contacts held over all channels; 0: as the profile says
-- ARGV    again        int   1: a program goes on by itself after its session has ended
-- ARGV    request      str   the id of this sign-in; tells a repetition from a second session
-- ARGV    now_us       int   empty: Redis' time
-- REPLY   the session's epoch, the number of its last request, then the answer: fenced, parked, ids, offers
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  UNKNOWN_PROFILE profile
-- ERRORS  AGENT_SIGNED_OUT agent
-- ERRORS  AGENT_SIGNED_IN agent epoch lease_left_ms holder
-- EMITS   agent.signed_in agent profile worker epoch capacity
-- KNOWS   AVAILABLE
-- USES    count_present open_engine key_of text_of lease_ends next_stamp emit end_lapsed end_lost end_session
--         hold_session read_agent fill_and_tell add_agent hand_over_session all_then_match lose_holder
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, 'agent:' .. name)
local row = redis.call('HMGET', agent_key, 'profile', 'epoch', 'holder', 'request', 'op', 'skillset', 'kept_out')
if row[2] and row[4] == request then
  hand_over_session(engine, name, worker, inbox, holder)
  local again = fill_and_tell(engine, read_agent(engine, name), '0', {}, {})
  table.insert(again, 1, row[5])
  table.insert(again, 1, row[2])
  return again
end
if not row[1] and profile == '' then return redis.error_reply('UNKNOWN_AGENT ' .. name) end
if not row[1] and redis.call('EXISTS', key_of(engine, 'profile', profile)) == 0 then
  return redis.error_reply('UNKNOWN_PROFILE ' .. profile)
end
if row[7] and again == '1' then return redis.error_reply('AGENT_SIGNED_OUT ' .. name) end
local left_us = row[2] and lease_ends(engine, name) - engine.now_us or 0
if left_us > 0 and row[2] ~= replaces then
  local left_ms = text_of(left_us / 1000)
  return redis.error_reply('AGENT_SIGNED_IN ' .. name .. ' ' .. row[2] .. ' ' .. left_ms .. ' ' .. row[3])
end

if row[2] then
  local is_own, is_holder_dead = row[3] == holder, is_dead == '1' and row[2] == replaces
  local is_lost = is_holder_dead or left_us <= 0
  all_then_match(engine, function()
    end_session(engine, name, 'agent.lost', (is_lost or is_own) and 'lost' or 'replaced', {})
    if is_holder_dead and not is_own then
      lose_holder(engine, row[3])
      end_lost(engine)
      engine.is_behind = engine.lost ~= ' '
    elseif is_lost and not is_own then
      end_lapsed(engine, row[3])
    end
  end)
end
if row[7] then redis.call('HDEL', agent_key, 'kept_out') end
if not row[1] then add_agent(engine, name, profile) end
local epoch = text_of(next_stamp(engine))
hold_session(engine, name, epoch, {
  worker = worker, inbox = inbox, holder = holder, request = request, lease_us = lease_us, auto_accept = auto_accept,
  capacity = capacity,
}, 'status', AVAILABLE, 'routable', 1, 'status_us', epoch, 'available_us', epoch)
redis.call('SADD', key_of(engine, 'online', row[1] or profile), name)
count_present(engine, row[1] or profile, row[6], 1, true)
emit(engine, 'agent.signed_in', 'agent', name, 'profile', row[1] or profile, 'worker', worker, 'epoch', epoch,
  'capacity', capacity)
local reply
local function tell() reply = fill_and_tell(engine, read_agent(engine, name), '0', {}, {}) end
if engine.is_behind then all_then_match(engine, tell) else tell() end
table.insert(reply, 1, '0')
table.insert(reply, 1, epoch)
return reply
