-- rescind: what rings at an agent who has stopped being routable goes back to its place at once, and nobody has missed
-- it.
-- USES all_then_match read_contact reindex requeue set_slot take_up_ring
local function rescind(engine, agent)
  local ringing = {}
  for _, slot in ipairs(agent.slots) do
    if slot.kind == 'offered' then ringing[#ringing + 1] = slot end
  end
  for _, slot in ipairs(ringing) do set_slot(agent, slot.token, nil) end
  reindex(engine, agent)
  if not ringing[1] then return end
  all_then_match(engine, function()
    for _, slot in ipairs(ringing) do
      local contact = read_contact(engine, slot.contact)
      take_up_ring(contact, agent.name, slot.token)
      requeue(engine, contact, 'contact.requeued', 'rescinded')
    end
  end)
end
