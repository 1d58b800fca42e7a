-- contacts_in: how many contacts are in a queue, over all channels and lanes; those being offered or in a pause count.
-- USES channels key_of lanes_of line_key pause_lane
local function contacts_in(engine, queue)
  local many = 0
  for _, channel in ipairs(channels()) do
    many = many + redis.call('ZCARD', key_of(engine, 'waiting', queue, channel))
      + redis.call('ZCARD', key_of(engine, 'offered', queue, channel))
      + redis.call('ZCARD', line_key(engine, queue, channel, pause_lane()))
    local lanes = lanes_of(engine, queue, channel)
    for place = 1, #lanes, 2 do
      many = many + redis.call('ZCARD', line_key(engine, queue, channel, lanes[place]))
    end
  end
  return many
end
