-- why_no_slot: of an agent for whom has_slot is false, or is_at_limit true, the filter that stops a contact of the
-- queue and channel and what it holds, as a refusal names them; domain/slots.py is the rule.
-- USES held_of is_full
local function why_no_slot(agent, queue, channel)
  local most, used = agent.most[channel] or 0, agent.used[channel] or 0
  if is_full(agent) then return 'capacity_reached ' .. agent.used_in_all .. ' ' .. agent.capacity end
  if used >= most then return 'no_slot ' .. channel .. ' ' .. used .. ' ' .. most end
  if channel == 'task' and used + agent.paused >= 2 * most then
    return 'too_many_tasks ' .. used .. ' ' .. agent.paused .. ' ' .. 2 * most
  end
  for _, slot in ipairs(agent.slots) do
    local held = slot.channel
    if held ~= channel and not agent.allows_others[held] and (agent.used[held] or 0) > (agent.kept[held] or 0) then
      return 'other_channel_held ' .. channel .. ' ' .. held
    end
  end
  return 'limit_reached ' .. queue .. ' ' .. channel .. ' ' .. held_of(agent, queue, channel) .. ' '
    .. agent.limits[queue .. ':' .. channel]
end
