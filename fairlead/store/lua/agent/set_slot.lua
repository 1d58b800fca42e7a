-- set_slot: a slot of the agent is taken, changes its kind, or (kind nil) is freed; the agent's counts follow.
-- Kinds: offered, connected, on_hold, acw, missed and error take a slot; paused takes none.
local function set_slot(agent, token, kind, channel, contact)
  local place
  for index, slot in ipairs(agent.slots) do
    if slot.token == token then place = index end
  end
  local before = place and agent.slots[place]
  if before and before.kind == 'paused' then
    agent.paused = agent.paused - 1
  elseif before then
    agent.used[before.channel] = agent.used[before.channel] - 1
    agent.used_in_all = agent.used_in_all - 1
  end
  if not kind then
    if not before then return end
    table.remove(agent.slots, place)
    redis.call('HDEL', agent.slots_key, token)
    return
  end
  local slot = before or { token = token, channel = channel, contact = contact }
  slot.kind = kind
  if not before then agent.slots[#agent.slots + 1] = slot end
  if kind == 'paused' then
    agent.paused = agent.paused + 1
  else
    agent.used[slot.channel] = agent.used[slot.channel] + 1
    agent.used_in_all = agent.used_in_all + 1
  end
  redis.call('HSET', agent.slots_key, token, slot.channel .. ' ' .. kind .. ' ' .. slot.contact)
end
