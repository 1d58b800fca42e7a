-- relieve: starvation control of a queue: raise the priority of contacts that have waited so long, or let them
-- overflow, while they are being offered, too; and what all have refused for good overflows or is parked; as many as
-- one script may, within all_then_match. Returns whether there may be more.
-- EMITS contact.updated contact queue channel priority rank_us changed reason
-- KNOWS CHANNELS CONTACTS_AT_ONCE OFFERED_TRACK PAUSE_TRACK
-- USES all_waited emit enter_offered is_refused_by_all leave_wait line_key line_up overflow pass_on place_of precedes
--      queue_settings spent tracks_of
local function relieve(engine, queue)
  local lines = {}
  for _, channel in ipairs(CHANNELS) do
    lines[#lines + 1] = line_key(engine, queue, channel, '')
    lines[#lines + 1] = line_key(engine, queue, channel, PAUSE_TRACK)
    lines[#lines + 1] = line_key(engine, queue, channel, OFFERED_TRACK)
  end
  if engine.tracked == ' ' and redis.call('EXISTS', unpack(lines)) == 0 then return false end
  local settings = queue_settings(engine, queue)
  if not settings then return false end
  local raise_us = (tonumber(settings.raise_after_s) or math.huge) * 1000000
  local spill_us = (tonumber(settings.overflow_after_s) or math.huge) * 1000000
  local done = 0
  local function each(after_us, above, wants, act)
    for _, channel in ipairs(CHANNELS) do
      local tracks = { '', PAUSE_TRACK, OFFERED_TRACK }
      local found = tracks_of(engine, queue, channel)
      for place = 1, #found, 2 do tracks[#tracks + 1] = found[place] end
      local waited = {}
      for _, track in ipairs(tracks) do
        local is_enough = done + #waited >= CONTACTS_AT_ONCE or spent() and done + #waited > 0
        local some = is_enough and {} or all_waited(engine, queue, channel, track, after_us, above, wants)
        for _, contact in ipairs(some) do waited[#waited + 1] = contact end
      end
      table.sort(waited, function(one, other)
        return precedes(tonumber(one.priority), place_of(one), tonumber(other.priority), place_of(other))
      end)
      for _, contact in ipairs(waited) do
        if act(contact) then done = done + 1 end
        if spent() and done > 0 then break end
      end
    end
  end
  if raise_us < math.huge then
    each(raise_us, settings.raise_to, function(contact) return not contact.is_raised end, function(contact)
      local offered_key = contact.state == 'offered' and line_key(engine, queue, contact.channel, OFFERED_TRACK)
      if offered_key then redis.call('ZREM', offered_key, place_of(contact)) else leave_wait(engine, contact) end
      contact.priority = settings.raise_to
      redis.call('HSET', contact.key, 'priority', contact.priority, 'raised', 1)
      emit(engine, 'contact.updated', 'contact', contact.id, 'queue', queue, 'channel', contact.channel,
        'priority', contact.priority, 'rank_us', contact.rank, 'changed', 'priority',
        'reason', 'waited')
      if offered_key then
        enter_offered(engine, contact)
      else
        line_up(engine, contact)
      end
      return true
    end)
  end
  if spill_us < math.huge and settings.overflow ~= '' then
    each(spill_us, nil, function(contact)
      return contact.entered_us + spill_us <= engine.now_us
    end, function(contact)
      return overflow(engine, contact, settings)
    end)
  end
  if settings.offer_again_after_s == '' then
    each(0, nil, function(contact)
      return contact.state == 'queued' and string.find((contact.refused or '') .. ',', ':0,')
        and is_refused_by_all(engine, contact)
    end, function(contact)
      leave_wait(engine, contact)
      pass_on(engine, contact, settings, 'refused_by_all', {})
      if contact.state == 'queued' then line_up(engine, contact) end
      return true
    end)
  end
  return done >= CONTACTS_AT_ONCE or spent() and done > 0
end
