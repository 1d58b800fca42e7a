-- match_owner: give an agent what waits in its own queue, when it may be offered contacts of that channel.
-- USES fill may_be_offered read_agent wake
local function match_owner(engine, name, contact)
  local agent = read_agent(engine, name)
  if agent and may_be_offered(agent, contact.channel) and fill(engine, agent) > 0 then
    wake(engine, agent)
    contact.state = redis.call('HGET', contact.key, 'state')
  end
end
