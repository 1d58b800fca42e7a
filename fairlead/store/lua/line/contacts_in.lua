-- contacts_in: how many contacts are in a queue, over all channels and tracks; those being offered or in a pause count.
-- KNOWS CHANNELS
-- USES key_of
local function contacts_in(engine, queue)
  local many, pairs_ = 0, {}
  for place, channel in ipairs(CHANNELS) do
    many = many + redis.call('ZCARD', key_of(engine, 'waiting', queue, channel))
      + redis.call('ZCARD', key_of(engine, 'offered', queue, channel))
    pairs_[place] = queue .. ':' .. channel
  end
  for _, aside in ipairs(redis.call('HMGET', key_of(engine, 'aside'), unpack(pairs_))) do
    many = many + (tonumber(aside or 0))
  end
  return many
end
