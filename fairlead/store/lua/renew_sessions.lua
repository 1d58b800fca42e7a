-- renew_sessions: the sessions of a worker live on for another lease; one that was taken out of routing comes back.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    due       zset  due times
-- ARGV    now_us    int   empty: Redis' time
-- ARGV*   agent     str   the agent's name
-- ARGV*   epoch     int   its session
-- REPLY   the names of the agents whose session is another or none
-- USES    open_engine key_of text_of presence_of emit fill read_agent wake
-- FLAGS   allow-oom
local engine, lost = open_engine(instance_key, now_us), {}
for place = REST + 1, #ARGV, 2 do
  local name = ARGV[place]
  local row = redis.call('HMGET', key_of(engine, 'agent', name), 'epoch', 'lease_us', 'absent')
  if row[1] == ARGV[place + 1] then
    redis.call('ZADD', due_key, text_of(engine.now_us + presence_of(row[2])), 'session:' .. name)
    if row[3] then
      local agent = read_agent(engine, name)
      redis.call('HDEL', agent.key, 'absent')
      agent.absent = false
      emit(engine, 'agent.status_changed', 'agent', name, 'status', agent.status, 'reason', 'present')
      if fill(engine, agent) > 0 then wake(engine, agent) end
    end
  else
    lost[#lost + 1] = name
  end
end
return lost
