-- see_queue: what is known of a queue on a channel as a contact comes, field by field; nil for a field that it lacks
-- and for a queue that is not there. What the fields mean, domain/conditions.py says. What is counted of a profile is
-- counted once in a script, which sees one channel.
-- USES contacts_in is_closed key_of oldest_in queue_settings servers_of
local function see_queue(engine, queue, channel, fields)
  local settings = queue_settings(engine, queue)
  if not settings then return {} end
  engine.counted = engine.counted or {}
  local function of_servers(what, many_of)
    local many = 0
    for _, server in ipairs(servers_of(engine, queue, channel, math.huge)) do
      local known = what .. ' ' .. server[1] .. ' ' .. server.lane
      engine.counted[known] = engine.counted[known] or many_of(server[1], server.lane)
      many = many + engine.counted[known]
    end
    return many
  end
  local see = {
    waiting = function()
      return redis.call('ZCARD', key_of(engine, 'waiting', queue, channel))
        + redis.call('ZCARD', key_of(engine, 'offered', queue, channel))
        + tonumber(redis.call('HGET', key_of(engine, 'aside'), queue .. ':' .. channel) or 0)
    end,
    oldest_s = function()
      local oldest_us = oldest_in(engine, queue, channel)
      return oldest_us and math.max(0, math.floor((engine.now_us - oldest_us) / 1000000)) or 0
    end,
    available = function()
      return of_servers('available', function(profile, lane)
        return redis.call('ZCARD', key_of(engine, 'available', profile, lane))
      end)
    end,
    staffed = function()
      return of_servers('staffed', function(profile)
        local counts, many = redis.call('HGETALL', key_of(engine, 'present', profile)), 0
        for place = 1, #counts, 2 do
          if string.sub(counts[place], -1) == '+' then many = many + tonumber(counts[place + 1]) end
        end
        return many
      end)
    end,
    contacts = function() return contacts_in(engine, queue) end,
    max = function() return tonumber(settings.max_contacts) end,
    open = function() return is_closed(engine, settings) and 0 or 1 end,
  }
  local seen = {}
  for _, field in ipairs(fields) do seen[field] = see[field]() end
  return seen
end
