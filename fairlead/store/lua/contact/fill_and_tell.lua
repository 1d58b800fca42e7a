-- fill_and_tell: give the agent what it may take now and describe what it holds since the last token that its session
-- knows. The reply of every session's request: how many contacts were fenced and how many were parked, the ids of both,
-- then fourteen fields for each offer (tell_slot).
-- USES fill holds_contact tell_slot
-- RARELY count_all
local function fill_and_tell(engine, agent, last_token, fenced, parked)
  -- made with room for an offer
  local reply = { #fenced, #parked, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil }
  fill(engine, agent)
  if engine.tally then count_all(engine) end
  for _, id in ipairs(fenced) do reply[#reply + 1] = id end
  for _, id in ipairs(parked) do reply[#reply + 1] = id end
  for _, slot in ipairs(agent.slots) do
    local is_new = #slot.token > #last_token or #slot.token == #last_token and slot.token > last_token
    if is_new and holds_contact(slot.kind) then tell_slot(engine, agent, slot, reply) end
  end
  return reply
end
