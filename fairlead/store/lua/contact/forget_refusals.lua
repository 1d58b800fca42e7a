-- forget_refusals: contacts of a queue go back to the lines of those whom nobody has refused, and are matched.
-- KNOWS CHANNELS PAUSE_LANE
-- USES lanes_of leave_line line_key line_up member_of read_contact read_member
local function forget_refusals(engine, queue)
  for _, channel in ipairs(CHANNELS) do
    local lanes = lanes_of(engine, queue, channel)
    lanes[#lanes + 1], lanes[#lanes + 2] = PAUSE_LANE, '!@'  -- any of them may have been refused
    for place = 1, #lanes, 2 do
      local members = string.find(lanes[place + 1], '!@', 1, true)
        and redis.call('ZRANGE', line_key(engine, queue, channel, lanes[place]), 0, 4999) or {}
      for _, member in ipairs(members) do
        local contact = read_contact(engine, read_member(queue, channel, lanes[place], member, 0).id)
        if contact.refused and contact.state == 'queued' then
          leave_line(engine, queue, channel, contact.lane, member_of(contact))
          redis.call('HDEL', contact.key, 'refused')
          contact.refused = nil
          line_up(engine, contact)
        end
      end
    end
  end
end
