-- open_queues: note which queues are closed now and hold what is in them, and when the next one opens or closes.
-- Who serves a queue which has opened is to be matched. Within all_then_match.
-- KNOWS CHANNELS
-- USES is_closed key_of text_of due_of
local function open_queues(engine)
  local before, closed, used, pools, added = engine.closed, ' ', {}, engine.later.pools, {}
  local queues = redis.call('SMEMBERS', key_of(engine, 'queues'))
  table.sort(queues)
  for _, queue in ipairs(queues) do
    local row = redis.call('HMGET', key_of(engine, 'queue', queue), 'hours', 'closed_policy')
    local is_held = row[2] == 'hold' and is_closed(engine, { hours = row[1] })
    if row[1] ~= '' then used[row[1]] = true end
    if is_held then closed = closed .. queue .. ' ' end
    if string.find(before, ' ' .. queue .. ' ', 1, true) and not is_held then
      for _, channel in ipairs(CHANNELS) do
        local servers = redis.call('HGETALL', key_of(engine, 'servers', queue, channel))
        for place = 1, #servers, 2 do
          local pool = servers[place] .. ' ' .. channel
          if not added[pool] then pools[#pools + 1] = { servers[place], channel } end
          added[pool] = true
        end
      end
    end
  end
  for hours in pairs(used) do
    local next = redis.call('ZRANGE', key_of(engine, 'hours', hours), '(' .. text_of(engine.now_us), '+inf', 'BYSCORE',
      'LIMIT', 0, 1, 'WITHSCORES')
    if next[1] then redis.call('ZADD', key_of(engine, 'due'), text_of(tonumber(next[2])), due_of('hours', hours)) end
  end
  if closed ~= before then
    engine.closed = closed
    redis.call('HSET', engine.instance_key, 'closed', closed)
  end
end
