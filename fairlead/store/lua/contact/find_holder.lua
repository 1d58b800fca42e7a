-- find_holder: a contact that some agent holds, and that agent, when the contact is in one of some states; for those
-- who ask without a session. Returns both, or nil, nil and the refusal.
-- USES read_agent read_contact
local function find_holder(engine, id, states)
  local contact = read_contact(engine, id)
  if not contact then return nil, nil, 'UNKNOWN_CONTACT ' .. id end
  if not string.find(states, contact.state) then
    return nil, nil, 'WRONG_STATE ' .. id .. ' ' .. contact.state
  end
  return contact, contact.agent and read_agent(engine, contact.agent)
end
