-- find_held: a contact that the agent holds with the current token, in one of some states.
-- Returns the contact, or nil and the refusal.
-- USES read_contact take_up_ring
local function find_held(engine, agent, id, token, states)
  local contact = read_contact(engine, id)
  if not contact or not take_up_ring(contact, agent.name, token) then
    return nil, 'STALE_TOKEN ' .. id .. ' ' .. token
  end
  if not string.find(states, contact.state, 1, true) then return nil, 'WRONG_STATE ' .. id .. ' ' .. contact.state end
  return contact
end
