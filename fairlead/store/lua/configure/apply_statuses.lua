-- apply_statuses: write the statuses that differ. Returns those that are routable now and were not, or the other way
-- round, as status -> whether it is routable; one that is gone is as if it were custom.
-- USES key_of status_type
local function apply_statuses(engine, changes)
  local statuses_key, changed_types = key_of(engine, 'statuses'), {}
  for status, change in pairs(changes.status) do
    local was_routable = status_type(statuses_key, status) == 'routable'
    if change.digest == '' then
      redis.call('HDEL', statuses_key, status)
    else
      redis.call('HSET', statuses_key, status, change.values[1])
    end
    local is_routable = status_type(statuses_key, status) == 'routable'
    if is_routable ~= was_routable then changed_types[status] = is_routable end
  end
  return changed_types
end
