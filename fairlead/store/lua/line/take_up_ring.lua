-- take_up_ring: look at a contact as the one of an agent, by its token: where it rings at several, `agent` and `token`
-- become that agent's, and `rings` tells the others, the first of all still in front. Returns whether it is its.
local function take_up_ring(contact, name, token)
  if contact.agent == name and contact.token == token then return true end
  local rings = ';' .. (contact.rings or '')
  local first, last = string.find(rings, ';' .. name .. ' ' .. token .. ';', 1, true)
  if not first then return false end
  contact.rings = contact.agent .. ' ' .. contact.token .. string.sub(rings, 1, first) .. string.sub(rings, last + 1)
  contact.agent, contact.token = name, token
  return true
end
