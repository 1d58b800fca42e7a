-- forget_refusals: contacts of queues that do not exclude any more who has refused one go back to the lines of those
-- whom nobody has refused, as many as one script may. Within all_then_match. `forgiven` has their tracks, as "queue
-- channel track", and how many contacts of each nobody has refused. One in a pause goes back when that ends. Returns
-- whether there were any.
-- USES key_of leave_line line_key line_up place_of read_contact read_place spent
local function forget_refusals(engine)
  local PIECE, forgiven_key = 20, key_of(engine, 'forgiven')
  local row = redis.call('HGETALL', forgiven_key)
  for place = 1, #row, 2 do
    local queue, channel, track = string.match(row[place], '^(%S+) (%S+) (%S+)$')
    local passed, members = tonumber(row[place + 1]), nil
    repeat
      members = redis.call('ZRANGE', line_key(engine, queue, channel, track), passed, passed + PIECE - 1)
      for _, member in ipairs(members) do
        local contact = read_contact(engine, read_place(queue, channel, track, member).id)
        if contact.refused and contact.state == 'queued' then
          leave_line(engine, queue, channel, contact.track, place_of(contact))
          redis.call('HDEL', contact.key, 'refused')
          contact.refused = nil
          line_up(engine, contact)
        else
          passed = passed + 1
        end
      end
      if #members < PIECE then
        redis.call('HDEL', forgiven_key, row[place])
      elseif spent() then
        redis.call('HSET', forgiven_key, row[place], passed)
      end
      if spent() then return true end
    until #members < PIECE
  end
  return #row > 0
end
