-- make_changes: write what changes, within all_then_match; who is concerned is indexed and matched as the engine
-- catches up (catch_up).
-- USES apply_agents apply_hours apply_instance apply_intakes apply_profiles apply_queues apply_statuses forgive
--      keep_anew key_of note_objects open_queues
local function make_changes(engine, changes)
  keep_anew(engine)
  note_objects(engine, changes)
  apply_instance(engine, changes)
  apply_hours(engine, changes)
  local unindexed, profiles = {}, {}
  apply_statuses(engine, changes, unindexed)
  local forgiving = apply_queues(engine, changes)
  apply_profiles(engine, changes, unindexed)
  apply_agents(engine, changes, unindexed)
  apply_intakes(engine, changes)
  for profile, cursor in pairs(unindexed) do profiles[#profiles + 1], profiles[#profiles + 2] = profile, cursor end
  if profiles[1] then redis.call('HSET', key_of(engine, 'unindexed'), unpack(profiles)) end
  if next(changes.queue) or next(changes.hours) or next(changes.calendar) then open_queues(engine) end
  for _, queue in ipairs(forgiving) do forgive(engine, queue) end
end
