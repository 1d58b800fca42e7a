-- clear_slot: free the slot that a missed or failed offer has kept, or end the after-contact work of a contact.
-- SESSION
-- ARGV    token     int   the fencing token of the offer or the contact
-- ERRORS  STALE_TOKEN agent token
-- USES    refuse clear_slots
-- FLAGS   allow-oom
if agent.is_new and not clear_slots(engine, agent, token) then
  return refuse(agent, 'STALE_TOKEN ' .. name .. ' ' .. token)
end
