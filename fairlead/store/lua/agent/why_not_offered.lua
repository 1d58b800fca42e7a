-- why_not_offered: of an agent for whom may_be_offered is false, or is_at_limit true, the filter that stops a contact
-- of the queue and channel and what it holds, as a refusal names them; domain/eligible.py is the rule.
-- USES text_of why_no_slot
local function why_not_offered(engine, agent, queue, channel)
  if agent.absent then
    local present_us = tonumber(redis.call('HGET', agent.key, 'present_us') or engine.now_us)
    return 'absent ' .. text_of(math.max(0, engine.now_us - present_us))
  end
  if not agent.is_routable then return 'not_routable ' .. agent.status end
  if agent.next_status ~= '' then return 'next_status_set ' .. agent.next_status end
  return why_no_slot(agent, queue, channel)
end
