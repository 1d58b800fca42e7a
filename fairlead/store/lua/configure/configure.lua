-- configure: the changes are made and act at once. Returns the configuration's version, which is then that of each
-- object that has changed. The first one is of a fresh instance; whoever makes another one has `configured` it.
-- USES all_then_match apply_agents apply_hours apply_profiles apply_queues apply_statuses catch_up forget_refusals
--      key_of note_objects open_queues text_of
local function configure(engine, changes)
  engine.version = text_of(redis.call('HINCRBY', engine.instance_key, 'version', 1))
  if engine.version ~= '1' then redis.call('HSET', engine.instance_key, 'configured', 1) end
  note_objects(engine, changes)
  if changes.instance[''] then redis.call('HSET', engine.instance_key, unpack(changes.instance[''].values)) end
  apply_hours(engine, changes)
  all_then_match(engine, function()
    local unindexed, profiles = {}, {}
    apply_statuses(engine, changes, unindexed)
    local forgiving = apply_queues(engine, changes)
    apply_profiles(engine, changes, unindexed)
    apply_agents(engine, changes, unindexed)
    for profile in pairs(unindexed) do profiles[#profiles + 1], profiles[#profiles + 2] = profile, '0' end
    if profiles[1] then redis.call('HSET', key_of(engine, 'unindexed'), unpack(profiles)) end
    if next(changes.queue) or next(changes.hours) or next(changes.calendar) then open_queues(engine) end
    for _, queue in ipairs(forgiving) do forget_refusals(engine, queue) end
    catch_up(engine)
  end)
  return engine.version
end
