-- expiry_due: a contact has waited too long and ends; whoever it was being offered to goes on, and is
-- told by all_then_match.
-- KNOWS IN_QUEUE
-- USES end_contact fill leave_wait
local function expiry_due(engine, contact)
  if not IN_QUEUE[contact.state] then return end
  local agents = leave_wait(engine, contact)
  end_contact(engine, contact, 'expired')
  for _, agent in ipairs(agents) do fill(engine, agent) end
end
