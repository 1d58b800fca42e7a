-- forget_refusals: contacts of queues that do not exclude for good any more who has refused one are open to all again,
-- as many as one script may. Within all_then_match. `forgiven` has their tracks, as "queue channel track", and how many
-- contacts of each nobody has refused for good. One in a pause goes back when that ends. Returns whether the script may
-- do no more.
-- KNOWS FORGIVEN_AT_ONCE
-- USES key_of leave_line line_key line_up place_of read_contact read_place spent
local function forget_refusals(engine)
  local forgiven_key = key_of(engine, 'forgiven')
  local row = redis.call('HGETALL', forgiven_key)
  for place = 1, #row, 2 do
    local queue, channel, track = string.match(row[place], '^(%S+) (%S+) (%S+)$')
    local passed, members = tonumber(row[place + 1]), nil
    repeat
      members = redis.call('ZRANGE', line_key(engine, queue, channel, track), passed, passed + FORGIVEN_AT_ONCE - 1)
      for _, member in ipairs(members) do
        local contact = read_contact(engine, read_place(queue, channel, track, member).id)
        if string.find((contact.refused or '') .. ',', ':0,') and contact.state == 'queued' then
          local before = contact.refused
          leave_line(engine, queue, channel, contact.track, place_of(contact))
          line_up(engine, contact)
          if contact.refused == before then passed = passed + 1 end
        else
          passed = passed + 1
        end
      end
      if #members < FORGIVEN_AT_ONCE then
        redis.call('HDEL', forgiven_key, row[place])
      elseif spent() then
        redis.call('HSET', forgiven_key, row[place], passed)
      end
      if spent() then return true end
    until #members < FORGIVEN_AT_ONCE
  end
  return false
end
