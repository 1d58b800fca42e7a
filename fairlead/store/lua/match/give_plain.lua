-- give_plain: an agent who stands among those available is given a contact that has just been pushed and stands in no
-- line yet, where it would choose just that: its profile is plain, and nothing else waits that it might take
-- before. Returns whether it was given; if not, nothing has been written.
-- KNOWS VALUES_AT_ONCE
-- USES assign is_word offerable_of profile_of read_agent reindex wake
local function give_plain(engine, name, contact)
  local agent = read_agent(engine, name)
  local offerable, lines, entry_priority = offerable_of(agent), {}, nil
  if agent.own > 0 or not profile_of(engine, agent.profile).is_plain then return false end
  for _, entry in ipairs(agent.entries) do
    if entry_priority and entry.priority ~= entry_priority then break end
    if is_word(offerable, entry.channel) then
      for place, queue in ipairs(entry.queues) do
        lines[#lines + 1] = entry.lines[place]
        if queue == contact.queue and entry.channel == contact.channel then entry_priority = entry.priority end
      end
    end
  end
  if not entry_priority or #lines > VALUES_AT_ONCE or redis.call('EXISTS', unpack(lines)) > 0 then return false end
  contact.entry_priority, contact.queued_us = entry_priority, tonumber(contact.queued_us)
  assign(engine, agent, contact)
  wake(engine, agent)
  reindex(engine, agent)
  return true
end
