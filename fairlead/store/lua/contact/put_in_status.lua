-- put_in_status: somebody has set an agent's status. One who becomes Available has no missed or failed offer in a slot
-- any more, and at one who is not routable nothing rings.
-- USES change_status clear_slots rescind
local function put_in_status(engine, agent, status, is_routable)
  change_status(engine, agent, status, is_routable)
  if not is_routable then return rescind(engine, agent) end
  local kept = {}
  for _, slot in ipairs(agent.slots) do
    if slot.kind == 'missed' or slot.kind == 'error' then kept[#kept + 1] = slot.token end
  end
  for _, token in ipairs(kept) do clear_slots(engine, agent, token) end
end
