-- contacts_in: how many contacts are in a queue, over all channels and lanes; those being offered or in a pause count.
-- KNOWS CHANNELS PAUSE_LANE
-- USES key_of lanes_of line_key
local function contacts_in(engine, queue)
  local many = 0
  for _, channel in ipairs(CHANNELS) do
    many = many + redis.call('ZCARD', key_of(engine, 'waiting', queue, channel))
      + redis.call('ZCARD', key_of(engine, 'offered', queue, channel))
      + redis.call('ZCARD', line_key(engine, queue, channel, PAUSE_LANE))
    local lanes = lanes_of(engine, queue, channel)
    for place = 1, #lanes, 2 do
      many = many + redis.call('ZCARD', line_key(engine, queue, channel, lanes[place]))
    end
  end
  return many
end
