-- renew_sessions: the sessions of a worker live on for another lease; one that was taken out of routing comes back.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    due       zset  due times
-- ARGV    now_us    int   empty: Redis' time
-- ARGV*   agent     str   the agent's name
-- ARGV*   epoch     int   its session
-- REPLY   agent and epoch of each session that is not live: the agent has another one, or none
-- EMITS   agent.status_changed agent status reason
-- USES    open_engine key_of text_of presence_of all_then_match emit fill read_agent due_of
-- FLAGS   allow-oom
local AT_ONCE = 1000
local engine, lost, due, present_of = open_engine(instance_key, now_us), {}, {}, {}
local function renew(name, epoch)
  local agent_key = key_of(engine, 'agent', name)
  local row = redis.call('HMGET', agent_key, 'epoch', 'lease_us', 'absent', 'present_us')
  if row[1] ~= epoch then
    lost[#lost + 1], lost[#lost + 2] = name, epoch
    return
  end
  local present_us = present_of[row[2]] or text_of(engine.now_us + presence_of(row[2]))
  present_of[row[2]] = present_us
  due[#due + 1], due[#due + 2] = present_us, due_of('session', name)
  redis.call('HSET', agent_key, 'present_us', present_us)
  if not row[3] and tonumber(row[4]) > engine.now_us then return end
  local agent = read_agent(engine, name)
  redis.call('HDEL', agent.key, 'absent')
  agent.absent = false
  engine.actor = 'agent:' .. name
  emit(engine, 'agent.status_changed', 'agent', name, 'status', agent.status, 'reason', 'present')
  fill(engine, agent)
end
all_then_match(engine, function()
  for place = REST + 1, #ARGV, 2 do renew(ARGV[place], ARGV[place + 1]) end
  for first = 1, #due, AT_ONCE do
    redis.call('ZADD', due_key, unpack(due, first, math.min(first + AT_ONCE - 1, #due)))
  end
  engine.actor = ''
end)
return lost
