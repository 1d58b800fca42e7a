-- configure: the changes are made and act at once. Returns the configuration's version, which is then that of each
-- object that has changed. The first one is of a fresh instance; whoever makes another one has `configured` it.
-- USES apply_agents apply_hours apply_profiles apply_queues apply_statuses apply_types forget_refusals match
--      match_affected note_objects open_queues text_of
local function configure(engine, changes)
  engine.version = text_of(redis.call('HINCRBY', engine.instance_key, 'version', 1))
  if engine.version ~= '1' then redis.call('HSET', engine.instance_key, 'configured', 1) end
  note_objects(engine, changes)
  if changes.instance[''] then redis.call('HSET', engine.instance_key, unpack(changes.instance[''].values)) end
  apply_hours(engine, changes)
  local changed_types, affected, names = apply_statuses(engine, changes), {}, {}
  local forgiving = apply_queues(engine, changes)
  apply_agents(engine, changes, apply_profiles(engine, changes), affected)
  apply_types(engine, changed_types, affected)
  for name in pairs(affected) do names[#names + 1] = name end
  local may_open = next(changes.queue) or next(changes.hours) or next(changes.calendar)
  local opened = may_open and open_queues(engine) or {}
  match_affected(engine, names)
  match(engine, opened)
  for _, queue in ipairs(forgiving) do forget_refusals(engine, queue) end
  return engine.version
end
