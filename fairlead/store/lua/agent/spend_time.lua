-- spend_time: note what the agent does now, `contact` (one connected, on hold or in after-contact work), `idle`
-- (routable and not on contact) or neither, and count the time of what it did before into the minutes in which it was.
-- Returns whether that is another thing; the agent's record is the caller's.
-- KNOWS MINUTE_US ON_CONTACT
-- USES count
local function spend_time(engine, agent)
  local activity = agent.is_routable and not agent.absent and 'idle' or ''
  for _, slot in ipairs(agent.slots) do
    if ON_CONTACT[slot.kind] then
      activity = 'contact'
      break
    end
  end
  if activity == agent.activity then return false end
  if agent.activity ~= '' then
    local from_us = math.min(agent.activity_us, engine.now_us)
    while from_us < engine.now_us do
      local minute = math.floor(from_us / MINUTE_US)
      local to_us = math.min(engine.now_us, (minute + 1) * MINUTE_US)
      if engine.now_us - from_us > 1440 * MINUTE_US then to_us = engine.now_us - 1440 * MINUTE_US end
      count(engine, agent.name, agent.activity .. '_us', to_us - from_us, minute)
      from_us = to_us
    end
  end
  agent.activity, agent.activity_us = activity, engine.now_us
  return true
end
