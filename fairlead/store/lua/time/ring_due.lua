-- ring_due: one of several agents at whom a contact rings, `name` is agent/token, has not answered in time.
-- USES miss_offer read_agent read_contact slot_of take_up_ring
local function ring_due(engine, name)
  local owner, token = string.match(name, '^(.+)/(%d+)$')
  local agent = read_agent(engine, owner)
  local slot = agent and slot_of(agent, token)
  if not slot then return end
  local contact = read_contact(engine, slot.contact)
  take_up_ring(contact, owner, token)
  miss_offer(engine, contact)
end
