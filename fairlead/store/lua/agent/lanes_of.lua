-- lanes_of: of the limited "queue:channel" of the agent's profile those of whose limits it has not reached, as text,
-- each behind a space; `offerable`: the channels of which it may be offered contacts now.
-- USES is_at_limit
local function lanes_of(agent, offerable)
  local lanes, names = '', {}
  for lane in pairs(agent.limits) do names[#names + 1] = lane end
  table.sort(names)
  for _, lane in ipairs(names) do
    local queue, channel = string.match(lane, '^(.+):(%l+)$')
    if string.find(offerable, channel) and not is_at_limit(agent, queue, channel) then lanes = lanes .. ' ' .. lane end
  end
  return lanes
end
