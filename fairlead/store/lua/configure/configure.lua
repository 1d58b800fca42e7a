-- configure: the changes are made and act at once. Returns the configuration's version, which is then that of each
-- object that has changed. The first one is of a fresh instance; whoever makes another one has `configured` it.
-- USES all_then_match catch_up make_changes text_of
local function configure(engine, changes)
  engine.version = text_of(redis.call('HINCRBY', engine.instance_key, 'version', 1))
  if engine.version ~= '1' then redis.call('HSET', engine.instance_key, 'configured', '1') end
  all_then_match(engine, function()
    make_changes(engine, changes)
    catch_up(engine)
  end)
  return engine.version
end
