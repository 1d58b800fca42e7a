-- slot_of: the agent's slot with a fencing token, or nil.
local function slot_of(agent, token)
  for _, slot in ipairs(agent.slots) do
    if slot.token == token then return slot end
  end
  return nil
end
