-- apply_statuses: write the statuses that differ. When one is routable now and was not, or the other way round, agents
-- who are in it become so, too: `unindexed` gets all profiles. One that is gone is as if it were custom.
-- USES key_of status_type
local function apply_statuses(engine, changes, unindexed)
  local statuses_key, is_other = key_of(engine, 'statuses'), false
  for status, change in pairs(changes.status) do
    local was_routable = status_type(statuses_key, status) == 'routable'
    if change.digest == '' then
      redis.call('HDEL', statuses_key, status)
    else
      redis.call('HSET', statuses_key, status, change.values[1])
    end
    local is_routable = status_type(statuses_key, status) == 'routable'
    is_other = is_other or is_routable ~= was_routable
  end
  for _, profile in ipairs(is_other and redis.call('SMEMBERS', key_of(engine, 'profiles')) or {}) do
    unindexed[profile] = '0'
  end
end
