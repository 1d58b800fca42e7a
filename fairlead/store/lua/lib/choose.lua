-- choose: the contact that the agent takes next, or nil; domain/choose.py is the rule.
-- The agent's own queue first, then the profile's entries by priority: the first priority that has an eligible
-- contact decides, and among its queues contact priority, effective age and arrival do.
-- USES key_of channels may_be_offered first_eligible precedes
local function choose(engine, agent)
  local best, free, own, has_free = nil, {}, {}, false
  for place, channel in ipairs(channels()) do
    free[channel] = may_be_offered(agent, channel)
    has_free = has_free or free[channel]
    own[place] = key_of(engine, 'waiting', '@' .. agent.name, channel)
  end
  if not has_free then return nil end
  local function consider(queue, channel, delay_us, entry_priority)
    local found = free[channel] and first_eligible(engine, queue, channel, delay_us)
    if found and (not best or precedes(found, best)) then
      best = found
      best.entry_priority = entry_priority
    end
  end
  if redis.call('EXISTS', unpack(own)) > 0 then
    for _, channel in ipairs(channels()) do consider('@' .. agent.name, channel, 0, '0') end
  end
  agent.entries = agent.entries or redis.call('LRANGE', key_of(engine, 'entries', agent.profile), 0, -1)
  local entries, priority = agent.entries, nil
  for place = 1, #entries, 4 do
    if best and entries[place] ~= priority then return best end
    priority = entries[place]
    consider(entries[place + 2], entries[place + 3], tonumber(entries[place + 1]), priority)
  end
  return best
end
