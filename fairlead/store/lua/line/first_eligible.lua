-- first_eligible: the first contact of a line that has really waited `delay_us`, or nil.
-- USES line_key read_place walk_line
local function first_eligible(engine, queue, channel, track, delay_us)
  local found
  if delay_us == 0 then
    local head = redis.call('ZRANGE', line_key(engine, queue, channel, track), 0, 0, 'WITHSCORES')
    return head[1] and read_place(queue, channel, track, head[1], head[2]) or nil
  end
  walk_line(engine, queue, channel, track, engine.now_us - delay_us, nil, function(contact)
    found = contact
    return true
  end)
  return found
end
