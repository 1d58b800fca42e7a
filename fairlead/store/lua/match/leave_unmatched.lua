-- leave_unmatched: leave pools, {profile, channel, from}, and agents in whose own queues contacts wait to be matched by
-- whoever sweeps. `from`: 0: the pool's plain lines are not done with yet. A pool with `passed` is left as its agents,
-- behind so many of them.
-- KNOWS VALUES_AT_ONCE
-- USES key_of text_of
local function leave_unmatched(engine, pools, owners)
  local members = {}
  for _, pool in ipairs(pools) do
    if pool.passed then
      local row = redis.call('ZRANGE', key_of(engine, 'available', pool[1], pool[2]), pool.passed, -1, 'WITHSCORES')
      for place = 1, #row, 2 do
        members[#members + 1], members[#members + 2] = row[place + 1], '@' .. row[place]
      end
    else
      members[#members + 1], members[#members + 2] = text_of(pool.from or 0), pool[1] .. ' ' .. pool[2]
    end
  end
  for _, name in ipairs(owners) do
    local since_us = redis.call('HGET', key_of(engine, 'agent', name), 'available_us')
    if since_us then members[#members + 1], members[#members + 2] = since_us, '@' .. name end
  end
  for first = 1, #members, VALUES_AT_ONCE do
    local last = math.min(first + VALUES_AT_ONCE - 1, #members)
    redis.call('ZADD', key_of(engine, 'unmatched'), unpack(members, first, last))
  end
end
