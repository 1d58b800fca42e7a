-- open_queues: note which queues are closed now and hold what is in them, and when the next one opens or closes.
-- Who serves a queue which has opened is to be matched; when many have, everybody is. Within all_then_match.
-- KNOWS CHANNELS QUEUES_AT_ONCE
-- USES is_closed key_of save_special text_of due_of
local function open_queues(engine)
  local before, closed, used, pools, opened = engine.closed, {}, {}, engine.later.pools, {}
  local row, is_timed = redis.call('HGETALL', key_of(engine, 'timed')), {}
  for place = 1, #row, 2 do
    local queue, hours, policy = row[place], string.match(row[place + 1], '^(%S+) (%S+)$')
    if used[hours] == nil then used[hours] = is_closed(engine, { hours = hours }) end
    if policy == 'hold' and used[hours] then closed[#closed + 1], is_timed[queue] = queue, true end
  end
  for queue in string.gmatch(before, '%S+') do
    if not is_timed[queue] then opened[#opened + 1] = queue end
  end
  for place, queue in ipairs(opened) do
    if place > QUEUES_AT_ONCE then break end
    for _, channel in ipairs(CHANNELS) do
      for _, profile in ipairs(redis.call('HKEYS', key_of(engine, 'servers', queue, channel))) do
        pools[#pools + 1] = { profile, channel }
      end
    end
  end
  for _, profile in ipairs(#opened > QUEUES_AT_ONCE and redis.call('SMEMBERS', key_of(engine, 'profiles')) or {}) do
    for _, channel in ipairs(CHANNELS) do pools[#pools + 1] = { profile, channel } end
  end
  for hours in pairs(used) do
    local next = redis.call('ZRANGE', key_of(engine, 'hours', hours), '(' .. text_of(engine.now_us), '+inf', 'BYSCORE',
      'LIMIT', 0, 1, 'WITHSCORES')
    if next[1] then redis.call('ZADD', key_of(engine, 'due'), text_of(tonumber(next[2])), due_of('hours', hours)) end
  end
  table.sort(closed)
  local after = #closed == 0 and ' ' or ' ' .. table.concat(closed, ' ') .. ' '
  if after ~= before then
    engine.closed = after
    save_special(engine)
  end
end
