-- apply_staged: make changes of `applying`, a few objects at a time, as many as one script may. Within all_then_match.
-- Returns whether the script may do no more. What is in use now and was not when it was staged is not removed. All get
-- the version that the configuration has with the last of them, so that nobody goes on from what was read meanwhile.
-- USES in_use key_of make_changes read_changes spent text_of
local function apply_staged(engine)
  local applying_key = key_of(engine, 'applying')
  local groups = redis.call('LRANGE', applying_key, 0, 4)
  while #groups > 0 do
    local arguments = {}
    for _, group in ipairs(groups) do
      local from = 1
      while from <= #group do
        local first, last, length = string.find(group, '^(%d+):', from)
        arguments[#arguments + 1] = string.sub(group, last + 1, last + tonumber(length))
        from = last + 1 + tonumber(length)
      end
    end
    local changes = read_changes(engine, arguments, 1, false)
    for _, kind in ipairs({ 'queue', 'agent' }) do
      for name, change in pairs(changes[kind]) do
        if change.digest == '' and in_use(engine, kind, name) then changes[kind][name] = nil end
      end
    end
    engine.version = text_of(tonumber(redis.call('HGET', engine.instance_key, 'version') or 0) + 1)
    make_changes(engine, changes)
    redis.call('LTRIM', applying_key, #groups, -1)
    groups = redis.call('LRANGE', applying_key, 0, 4)
    if #groups == 0 then redis.call('HSET', engine.instance_key, 'version', engine.version) end
    if spent() then return true end
  end
  return false
end
