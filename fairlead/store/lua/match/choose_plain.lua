-- choose_plain: the contacts that an agent of a plain profile takes until it may be offered no more, in their order;
-- none, where there is none; nil, where they are too few, or where one has anything but a queue, a channel, a priority
-- and a rank. It only reads: choose, asked after each assignment, would choose the same. `agent`: what offerable_of
-- needs; its counts follow.
-- KNOWS RANK_DIGITS
-- USES is_bare key_of offerable_of precedes
local function choose_plain(engine, agent, entries)
  local chosen, heads, taken, offerable = {}, {}, {}, offerable_of(agent)
  while offerable ~= '' do
    local member, priority, entry, place
    for _, one in ipairs(entries) do
      if member and one.priority ~= entry.priority then break end
      if string.find(offerable, one.channel, 1, true) then
        for at, line in ipairs(one.lines) do
          local head = heads[line]
          if not head then
            local from = taken[line] or '0'
            head = redis.call('ZRANGE', line, from, from, 'WITHSCORES')
            head[2], heads[line] = tonumber(head[2]), head
          end
          if head[1] and (not member or precedes(head[2], head[1], priority, member)) then
            member, priority, entry, place = head[1], head[2], one, at
          end
        end
      end
    end
    if not member then return not chosen[1] and chosen or nil end
    local line, id = entry.lines[place], string.sub(member, RANK_DIGITS + 1)
    local contact_key = key_of(engine, 'contact', id)
    if not is_bare(contact_key) then return nil end
    chosen[#chosen + 1] = {
      id = id, key = contact_key, queue = entry.queues[place], channel = entry.channel, priority = priority,
      line = line, place = member, rank = string.sub(member, 1, RANK_DIGITS), entry_priority = entry.priority,
    }
    heads[line], taken[line] = nil, (taken[line] or 0) + 1
    agent.used[entry.channel], agent.used_in_all = (agent.used[entry.channel] or 0) + 1, agent.used_in_all + 1
    offerable = offerable_of(agent)
  end
  return chosen
end
