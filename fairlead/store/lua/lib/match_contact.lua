-- match_contact: find an agent for a contact that has just come into its line.
-- Of all agents, over all profiles that serve it and whose delay has passed, the one available longest.
-- USES fill key_of match may_be_offered member_of read_agent wake
local function match_contact(engine, contact)
  local owner = string.match(contact.queue, '^@(.+)$')
  if owner then
    local agent = read_agent(engine, owner)
    if agent and may_be_offered(agent, contact.channel) and fill(engine, agent) > 0 then wake(engine, agent) end
    return
  end
  local servers = redis.call('LRANGE', key_of(engine, 'servers', contact.queue, contact.channel), 0, -1)
  local waited_us, crews = engine.now_us - tonumber(contact.queued_us), {}
  for place = 1, #servers, 2 do
    if tonumber(servers[place + 1]) <= waited_us then crews[#crews + 1] = { servers[place], contact.channel } end
  end
  local waiting_key, member = key_of(engine, 'waiting', contact.queue, contact.channel), member_of(contact)
  match(engine, crews, function() return not redis.call('ZSCORE', waiting_key, member) end)
end
