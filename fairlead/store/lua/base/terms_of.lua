-- terms_of: what a queue lays down for contacts of a channel: admits_all, expiry_s, acw and window_ms, as text, each
-- nil where it says nothing. An agent's own queue says nothing. Read once as long as the configuration is the same.
-- USES key_of
local function terms_of(engine, queue, channel)
  local pair = queue .. ':' .. channel
  local terms = engine.kept.terms[pair]
  if terms then return terms end
  local row = redis.call('HMGET', key_of(engine, 'queue', queue), 'admits_all', 'expiry:' .. channel, 'acw:' .. channel,
    channel)
  terms = { admits_all = row[1], expiry_s = row[2], acw = row[3], window_ms = row[4] }
  if row[1] then engine.kept.terms[pair] = terms end
  return terms
end
