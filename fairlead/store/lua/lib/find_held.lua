-- find_held: a contact that the session holds with the current token, in one of some states.
-- Returns the contact, or nil and an error reply.
-- USES read_contact
local function find_held(engine, id, token, states)
  local contact = read_contact(engine, id)
  if not contact or contact.token ~= token then return nil, redis.error_reply('STALE_TOKEN ' .. id .. ' ' .. token) end
  if not string.find(states, contact.state, 1, true) then
    return nil, redis.error_reply('WRONG_STATE ' .. id .. ' ' .. contact.state)
  end
  return contact
end
