-- relieve: starvation control of a queue: raise the priority of contacts that have waited so long, or let them
-- overflow; about `most` of them at a time, and as many as one script may. Returns whether there may be more.
-- EMITS contact.updated contact queue channel priority rank_us changed reason
-- KNOWS CHANNELS PAUSE_TRACK
-- USES admit all_waited emit ends_chain tracks_of leave_wait line_up move_to
-- USES line_key queue_settings read_contact requeue spent
local function relieve(engine, queue, most)
  local lines = {}
  for _, channel in ipairs(CHANNELS) do
    lines[#lines + 1] = line_key(engine, queue, channel, '')
    lines[#lines + 1] = line_key(engine, queue, channel, PAUSE_TRACK)
  end
  if engine.tracked == ' ' and redis.call('EXISTS', unpack(lines)) == 0 then return false end
  local settings = queue_settings(engine, queue)
  if not settings then return false end
  local raise_us = (tonumber(settings.raise_after_s) or math.huge) * 1000000
  local spill_us = (tonumber(settings.overflow_after_s) or math.huge) * 1000000
  local done = 0
  local function each(after_us, above, act)
    for _, channel in ipairs(CHANNELS) do
      local tracks = { '', PAUSE_TRACK }
      local found = tracks_of(engine, queue, channel)
      for place = 1, #found, 2 do tracks[#tracks + 1] = found[place] end
      for _, track in ipairs(tracks) do
        local is_enough = done >= most or spent() and done > 0
        local waited = is_enough and {} or all_waited(engine, queue, channel, track, after_us, above, most)
        for _, one in ipairs(waited) do
          local contact = read_contact(engine, one.id)
          if contact.state == 'queued' and contact.queue == queue and act(contact) then done = done + 1 end
          if spent() and done > 0 then break end
        end
      end
    end
  end
  if raise_us < math.huge then
    each(raise_us, settings.raise_to, function(contact)
      leave_wait(engine, contact)
      contact.priority = settings.raise_to
      redis.call('HSET', contact.key, 'priority', contact.priority)
      emit(engine, 'contact.updated', 'contact', contact.id, 'queue', queue, 'channel', contact.channel,
        'priority', contact.priority, 'rank_us', contact.rank, 'changed', 'priority',
        'reason', 'waited')
      line_up(engine, contact)
      return true
    end)
  end
  if spill_us < math.huge and settings.overflow ~= '' then
    each(spill_us, nil, function(contact)
      local target = admit(engine, settings.overflow, true, true, contact.channel)
      if not target or target.name == queue or ends_chain(contact) then return false end
      leave_wait(engine, contact)
      move_to(engine, contact, target.name, settings.overflow_rank)
      requeue(engine, contact, 'contact.overflowed', 'waited')
      return true
    end)
  end
  return done >= most or spent() and done > 0
end
