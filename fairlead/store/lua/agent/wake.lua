-- wake: tell who represents the agent what it was given in this run of the script: a hint for each contact, with the
-- offer in it, or the agent's name alone when it should ask. Only a hint: the truth is in the agent's slots.
-- A hint is fields with a zero byte between them: agent, epoch, the highest token of those that the agent held before,
-- and the fields of tell_slot. A session that has seen that token misses nothing when it begins with the offer.
-- USES holds_contact key_of tell_slot
local function wake(engine, agent)
  if agent.inbox == '' then return end
  local hints, before = {}, '0'
  for _, slot in ipairs(agent.slots) do
    if slot.told and not slot.is_hinted then
      local hint = { agent.name, agent.epoch, before }
      tell_slot(engine, agent, slot, hint)
      hints[#hints + 1], slot.is_hinted = table.concat(hint, '\0'), true
    end
    if holds_contact(slot.kind) then before = slot.token end
  end
  if not hints[1] then hints[1] = agent.name end
  local inbox_key = key_of(engine, 'inbox', agent.inbox)
  if redis.call('RPUSH', inbox_key, unpack(hints)) == #hints then redis.call('EXPIRE', inbox_key, 60) end
end
