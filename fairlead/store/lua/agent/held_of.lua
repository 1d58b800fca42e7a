-- held_of: how many contacts of a queue and channel take slots of the agent.
local function held_of(agent, queue, channel)
  local held = 0
  for _, slot in ipairs(agent.slots) do
    if slot.queue == queue and slot.channel == channel and slot.kind ~= 'paused' then held = held + 1 end
  end
  return held
end
