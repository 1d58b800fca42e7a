-- line_due: a line is looked at, since a contact that expires when its queue says so may have waited long enough. One
-- that has gets an expiry of its own, which is due then. The line is to be looked at again when the next may expire.
-- USES due_of expiry_of first_unmarked key_of line_key own_expiry place_of read_contact read_line text_of
local function line_due(engine, line)
  local queue, channel, track = read_line(line)
  local wait_us, oldest_key, due_key = expiry_of(engine, queue, channel), key_of(engine, 'oldest', line),
    key_of(engine, 'due')
  local first = redis.call('ZRANGE', oldest_key, 0, 0, 'WITHSCORES')
  if not first[1] or wait_us == 0 then return end
  if tonumber(first[2]) + wait_us <= engine.now_us then
    local place_key = line_key(engine, queue, channel, track)
    local oldest = first_unmarked(place_key, first[1])
    if track == '' then
      local offered_key = key_of(engine, 'offered', queue, channel)
      local offered = first_unmarked(offered_key, first[1])
      if offered and not (oldest and oldest.queued_us < offered.queued_us) then
        oldest, place_key = offered, offered_key
      end
    end
    if not oldest then
      redis.call('ZREM', oldest_key, first[1])
    elseif oldest.queued_us + wait_us > engine.now_us then
      redis.call('ZADD', oldest_key, text_of(oldest.queued_us), first[1])
    else
      local contact = read_contact(engine, oldest.id)
      redis.call('ZREM', place_key, place_of(contact))
      own_expiry(engine, contact)
      redis.call('ZADD', place_key, contact.priority, place_of(contact))
      redis.call('ZADD', due_key, contact.expires_us, due_of('expiry', contact.id))
    end
    first = redis.call('ZRANGE', oldest_key, 0, 0, 'WITHSCORES')
  end
  if first[1] then redis.call('ZADD', due_key, text_of(tonumber(first[2]) + wait_us), due_of('line', line)) end
end
