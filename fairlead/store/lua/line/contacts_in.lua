-- contacts_in: how many contacts are in a queue, over all channels and tracks; those being offered or in a pause count.
-- KNOWS CHANNELS PAUSE_TRACK
-- USES key_of tracks_of line_key
local function contacts_in(engine, queue)
  local many = 0
  for _, channel in ipairs(CHANNELS) do
    many = many + redis.call('ZCARD', key_of(engine, 'waiting', queue, channel))
      + redis.call('ZCARD', key_of(engine, 'offered', queue, channel))
      + redis.call('ZCARD', line_key(engine, queue, channel, PAUSE_TRACK))
    local tracks = tracks_of(engine, queue, channel)
    for place = 1, #tracks, 2 do
      many = many + redis.call('ZCARD', line_key(engine, queue, channel, tracks[place]))
    end
  end
  return many
end
