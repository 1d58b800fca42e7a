-- forgive: a queue does not exclude any more who has refused a contact: its tracks are left to forget_refusals.
-- KNOWS CHANNELS
-- USES key_of tracks_of
local function forgive(engine, queue)
  for _, channel in ipairs(CHANNELS) do
    local tracks = tracks_of(engine, queue, channel)
    for place = 1, #tracks, 2 do
      if string.find(tracks[place + 1], '!@') then
        redis.call('HSET', key_of(engine, 'forgiven'), table.concat({ queue, channel, tracks[place] }, ' '), 0)
      end
    end
  end
end
