-- reindex: the agent's record and index follow what the script has changed: it stands in the sets of those available
-- for just the channels that it may be offered now, and what it does is noted. In a profile whose agents have
-- proficiencies those with the same ones also stand in sets of their own, and in one with limits those who have not
-- reached them.
-- USES offerable_of now_text slots_text spend_time
-- RARELY lanes_of move_in_index unindex
local function reindex(engine, agent)
  local pools, offerable, indexed = agent.profile, offerable_of(agent), agent.offerable
  local fields, last = { nil, nil, nil, nil, nil, nil, nil, nil }, 0  -- made with room for what a turn saves
  if agent.skillsets ~= '' then pools = pools .. ' ' .. agent.profile .. '~' .. agent.skillset end
  local are_other_pools, is_other_time = agent.pools ~= pools, agent.available_us ~= agent.indexed_us
  if agent.has_limits and offerable ~= '' then offerable = offerable .. lanes_of(agent, offerable) end
  local function save(field, value)
    fields[last + 1], fields[last + 2] = field, value
    last = last + 2
  end
  if are_other_pools then unindex(engine, agent) end
  agent.pools, agent.indexed_us = pools, agent.available_us
  if offerable ~= agent.offerable or is_other_time and offerable ~= '' then
    move_in_index(engine, agent, offerable, is_other_time)
  end
  if offerable ~= indexed or are_other_pools then
    save('offerable', offerable)
    save('pools', pools)
  end
  if spend_time(engine, agent) then
    save('activity', agent.activity)
    save('activity_us', now_text(engine))
  end
  if agent.has_new_op then
    save('op', agent.op)
    save('asked', agent.asked)
  end
  if is_other_time then save('available_us', agent.available_us) end
  if agent.has_new_slots then save('slots', slots_text(agent.slots)) end
  if last > 0 then redis.call('HSET', agent.key, unpack(fields, 1, last)) end
  agent.has_new_op, agent.has_new_slots = false, false
end
