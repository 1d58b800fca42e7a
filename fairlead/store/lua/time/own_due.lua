-- own_due: a contact in an agent's own queue may have waited long enough to overflow: then it does, or it is tried
-- again soon when no queue takes it now. `name`: the contact, or the agent's queue when all in it are to be looked at,
-- since it overflows otherwise now. Within all_then_match.
-- KNOWS CHANNELS OFFERED_TRACK OVERFLOW_AGAIN_S PAUSE_TRACK
-- USES all_waited due_of key_of overflow queue_settings read_contact text_of tracks_of
local function own_due(engine, name)
  local is_queue = string.sub(name, 1, 1) == '@'
  local contact = not is_queue and read_contact(engine, name)
  local queue = is_queue and name or contact and contact.queue or ''
  local settings = string.sub(queue, 1, 1) == '@' and queue_settings(engine, queue)
  if not settings or settings.overflow == '' then return end
  local function look_at(one)
    if one.state ~= 'queued' and one.state ~= 'offered' then return end
    local at_us = one.entered_us + settings.overflow_after_s * 1000000
    if at_us <= engine.now_us then
      if overflow(engine, one, settings) then return end
      at_us = engine.now_us + OVERFLOW_AGAIN_S * 1000000
    end
    redis.call('ZADD', key_of(engine, 'due'), text_of(at_us), due_of('own', one.id))
  end
  if contact then return look_at(contact) end
  local found = {}
  for _, channel in ipairs(CHANNELS) do
    local tracks, others = { '', PAUSE_TRACK, OFFERED_TRACK }, tracks_of(engine, queue, channel)
    for place = 1, #others, 2 do tracks[#tracks + 1] = others[place] end
    for _, track in ipairs(tracks) do
      for _, one in ipairs(all_waited(engine, queue, channel, track, 0, nil, function() return true end)) do
        found[#found + 1] = one
      end
    end
  end
  for _, one in ipairs(found) do look_at(one) end
end
