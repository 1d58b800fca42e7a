-- ring_others: a contact that is being offered rings at further agents, too (others_for). The first who accepts has it.
-- USES key_of next_stamp note_turn reindex ring tell_given wake
local function ring_others(engine, contact, others)
  local rings = ''
  for _, other in ipairs(others) do
    local agent, _, token = other[1], next_stamp(engine)
    local its = setmetatable({ entry_priority = other[2].entry_priority }, { __index = contact })
    ring(engine, agent, its, token, 'ring', agent.name .. '/' .. token)
    tell_given(engine, agent, its, token)
    note_turn(engine, agent, contact)
    reindex(engine, agent)
    wake(engine, agent)
    rings = rings .. agent.name .. ' ' .. token .. ';'
  end
  redis.call('HSET', key_of(engine, 'contact', contact.id), 'rings', rings)
end
