-- is_refused_by_all: whether all agents who are signed in and serve a waiting contact's queue and channel have refused
-- it for good; domain/eligible.py, is_refused_by_all, is the rule.
-- USES key_of servers_of
local function is_refused_by_all(engine, contact)
  local serves, left = {}, 0
  for _, server in ipairs(servers_of(engine, contact.queue, contact.channel, math.huge)) do
    serves[server[1]] = true
    left = left + redis.call('SCARD', key_of(engine, 'online', server[1]))
  end
  local are_some = left > 0
  for name in string.gmatch((contact.refused or '') .. ',', '([^,:]+):0,') do
    local row = redis.call('HMGET', key_of(engine, 'agent', name), 'epoch', 'profile')
    if row[1] and serves[row[2]] then left = left - 1 end
  end
  return are_some and left == 0
end
