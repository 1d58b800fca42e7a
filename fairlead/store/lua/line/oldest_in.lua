-- oldest_in: when the contact that has waited longest in a queue and channel was enqueued, in us; nil when there is
-- none. Those being offered count. It is asked as a contact comes, so that it looks so often at most: a line of a few
-- contacts is looked at once; of a longer one the first contact of each priority, which only an adjusted rank can bring
-- before the one that has waited longest; then come the tracks.
-- KNOWS LINE_READ OLDEST_LOOKS PAUSE_TRACK
-- USES key_of line_key read_place tracks_of
local function oldest_in(engine, queue, channel)
  local looks, oldest_us = OLDEST_LOOKS, nil
  local function see(member)
    local queued_us = read_place(queue, channel, '', member).queued_us
    if not oldest_us or queued_us < oldest_us then oldest_us = queued_us end
  end
  local function look(key)
    local members, above = redis.call('ZRANGE', key, 0, LINE_READ), '-inf'
    looks = looks - 1
    for _, member in ipairs(members) do see(member) end
    while #members > LINE_READ and looks > 0 do
      local head = redis.call('ZRANGE', key, above, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
      looks = looks - 1
      if not head[1] then return end
      see(head[1])
      above = '(' .. head[2]
    end
  end
  look(key_of(engine, 'offered', queue, channel))
  look(line_key(engine, queue, channel, PAUSE_TRACK))
  look(line_key(engine, queue, channel, ''))
  local tracks = tracks_of(engine, queue, channel)
  for place = 1, #tracks, 2 do
    if looks > 0 then look(line_key(engine, queue, channel, tracks[place])) end
  end
  return oldest_us
end
