-- lost_with: the agents whose sessions are lost together with one agent's, itself among them: of those that its holder
-- has signed in all when the holder is dead, else those whose lease has ended as well.
-- USES key_of lease_ends
local function lost_with(engine, name, is_holder_dead)
  local names = { name }
  local holder = redis.call('HGET', key_of(engine, 'agent', name), 'holder')
  for _, other in ipairs(redis.call('SMEMBERS', key_of(engine, 'holder', holder))) do
    local is_lost = is_holder_dead or lease_ends(engine, other) <= engine.now_us
    if other ~= name and is_lost then names[#names + 1] = other end
  end
  table.sort(names)
  return names
end
