-- leave_unmatched: leave pools, {profile, channel, from}, and agents in whose own queues contacts wait to be matched by
-- whoever sweeps. `from`: the last of the tracks that are done with; 0: the pool's plain lines are not done with yet.
-- KNOWS VALUES_AT_ONCE
-- USES key_of text_of
local function leave_unmatched(engine, pools, owners)
  local members = {}
  for _, pool in ipairs(pools) do
    members[#members + 1], members[#members + 2] = text_of(pool.from or 0), pool[1] .. ' ' .. pool[2]
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
