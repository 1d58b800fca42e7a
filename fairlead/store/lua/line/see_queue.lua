-- see_queue: what is known of a queue on a channel as a contact comes, field by field; nil for a field that it lacks
-- and for a queue that is not there. What the fields mean, domain/conditions.py says.
-- USES contacts_in is_closed key_of oldest_in queue_settings
local function see_queue(engine, queue, channel, fields)
  local settings, servers = queue_settings(engine, queue), nil
  if not settings then return {} end
  local function its_servers()
    servers = servers or redis.call('HKEYS', key_of(engine, 'servers', queue, channel))
    return servers
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
      local many = 0
      for _, profile in ipairs(its_servers()) do
        many = many + redis.call('ZCARD', key_of(engine, 'available', profile, channel))
      end
      return many
    end,
    staffed = function()
      local many = 0
      for _, profile in ipairs(its_servers()) do
        local counts = redis.call('HGETALL', key_of(engine, 'present', profile))
        for place = 1, #counts, 2 do
          if string.sub(counts[place], -1) == '+' then many = many + tonumber(counts[place + 1]) end
        end
      end
      return many
    end,
    contacts = function() return contacts_in(engine, queue) end,
    max = function() return tonumber(settings.max_contacts) end,
    open = function() return is_closed(engine, settings) and 0 or 1 end,
  }
  local seen = {}
  for _, field in ipairs(fields) do seen[field] = see[field]() end
  return seen
end
