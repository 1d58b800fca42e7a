-- skip_tracks: where a queue wants it, end the steps of contacts in tracks for which nobody is there any more,
-- of each track some, and as many as one script may. Returns whether there may be more.
-- KNOWS CONTACTS_AT_ONCE
-- USES is_anybody key_of tracks_of line_key read_contact read_place skip_steps spent
local function skip_tracks(engine)
  local is_more, is_changed = false, false
  for queue, channel in string.gmatch(engine.tracked, '([^%s@:]+):(%a+)') do
    local when = redis.call('HGET', key_of(engine, 'queue', queue), 'skip_steps_when') or 'never'
    if when ~= 'never' then
      local tracks = tracks_of(engine, queue, channel)
      for place = 1, #tracks, 2 do
        if not is_anybody(engine, queue, channel, tracks[place + 1], when) then
          local members = redis.call('ZRANGE', line_key(engine, queue, channel, tracks[place]), 0, CONTACTS_AT_ONCE - 1)
          for _, member in ipairs(members) do
            local contact = read_contact(engine, read_place(queue, channel, tracks[place], member).id)
            local step = contact.step
            skip_steps(engine, contact)
            is_changed = is_changed or contact.step ~= step
            if spent() then return is_changed end
          end
          is_more = is_more or #members == CONTACTS_AT_ONCE
        end
      end
    end
  end
  return is_more and is_changed
end
