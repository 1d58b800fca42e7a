-- end_pauses: all pauses that have passed by now end, `first`'s among them: their contacts come into line, and then agents
-- are walked. Those for whom a delay may have passed are walked, too: each takes its own best.
-- USES crews_of enter_line key_of leave_line match member_of read_contact text_of
local function end_pauses(engine, first)
  local MOST, ids, crews, owners, seen = 100, { first }, {}, {}, {}
  local due = redis.call('ZRANGE', key_of(engine, 'due'), '-inf', text_of(engine.now_us), 'BYSCORE', 'LIMIT', 0, MOST)
  for _, member in ipairs(due) do ids[#ids + 1] = string.match(member, '^pause:(.+)$') end
  local function serve(profile, channel)
    local crew = profile .. ' ' .. channel
    if not seen[crew] then crews[#crews + 1] = { profile, channel } end
    seen[crew] = true
  end
  for _, id in ipairs(ids) do
    local contact = read_contact(engine, id)
    if contact and contact.state == 'queued' and contact.again_us then
      leave_line(engine, contact.queue, contact.channel, contact.lane, member_of(contact))
      enter_line(engine, contact)
      owners[#owners + 1] = string.match(contact.queue, '^@(.+)$')
      for _, crew in ipairs(crews_of(engine, contact.queue, contact.channel, math.huge)) do
        serve(crew[1], contact.channel)
      end
    end
  end
  for _, crew in ipairs(redis.call('SMEMBERS', key_of(engine, 'delayed'))) do
    serve(string.match(crew, '(%S+) (%S+)'))
  end
  match(engine, crews, owners)
end
