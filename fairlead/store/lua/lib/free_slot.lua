-- free_slot: free one slot of an agent before its contact goes back, so that the agent stands among those who may take it.
-- USES key_of read_agent reindex
local function free_slot(engine, name, token)
  redis.call('HDEL', key_of(engine, 'slots', name), token)
  reindex(engine, read_agent(engine, name))
end
