-- rings_until: when an offer in a slot of an agent ends, as text; nil when it does not. `first`: the token of the first
-- agent at whom its contact rings.
-- USES due_of key_of
local function rings_until(engine, agent, slot, first)
  local member = slot.token == first and due_of('offer', slot.contact)
    or due_of('ring', agent.name .. '/' .. slot.token)
  return redis.call('ZSCORE', key_of(engine, 'due'), member)
end
