-- is_behind: whether there is anything that others have left to whoever sweeps.
-- USES key_of
local function is_behind(engine)
  return engine.lost ~= ' ' or redis.call('EXISTS', key_of(engine, 'applying'), key_of(engine, 'forgiven'),
    key_of(engine, 'unindexed'), key_of(engine, 'unmatched')) > 0
end
