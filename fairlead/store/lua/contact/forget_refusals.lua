-- forget_refusals: contacts of a queue go back to the lines of those whom nobody has refused, and are matched.
-- KNOWS CHANNELS PAUSE_TRACK
-- USES tracks_of leave_line line_key line_up place_of read_contact read_place
local function forget_refusals(engine, queue)
  for _, channel in ipairs(CHANNELS) do
    local tracks = tracks_of(engine, queue, channel)
    tracks[#tracks + 1], tracks[#tracks + 2] = PAUSE_TRACK, '!@'  -- any of them may have been refused
    for place = 1, #tracks, 2 do
      local members = string.find(tracks[place + 1], '!@')
        and redis.call('ZRANGE', line_key(engine, queue, channel, tracks[place]), 0, 4999) or {}
      for _, member in ipairs(members) do
        local contact = read_contact(engine, read_place(queue, channel, tracks[place], member, 0).id)
        if contact.refused and contact.state == 'queued' then
          leave_line(engine, queue, channel, contact.track, place_of(contact))
          redis.call('HDEL', contact.key, 'refused')
          contact.refused = nil
          line_up(engine, contact)
        end
      end
    end
  end
end
