-- clear_slots: free a slot that a missed or failed offer has kept, or end the after-contact work that it stands for.
-- Returns whether there was such a slot.
-- EMITS agent.status_changed agent status reason contact token
-- USES emit end_acw key_of set_slot due_of
local function clear_slots(engine, agent, token)
  for _, slot in ipairs(agent.slots) do
    if slot.token == token then
      if slot.kind == 'acw' then
        end_acw(engine, agent, slot, 'cleared')
        return true
      elseif slot.kind == 'missed' or slot.kind == 'error' then
        redis.call('ZREM', key_of(engine, 'due'), due_of('slot', agent.name .. '/' .. token))
        set_slot(agent, token, nil)
        emit(engine, 'agent.status_changed', 'agent', agent.name, 'status', agent.status, 'reason', 'slot_cleared',
          'contact', slot.contact, 'token', token)
        return true
      end
      return false
    end
  end
  return false
end
