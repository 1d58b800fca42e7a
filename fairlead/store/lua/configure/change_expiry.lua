-- change_expiry: a queue lets contacts of a channel that have no expiry of their own wait for so long now, in s; 0: for
-- ever. Whoever waits already is concerned, too.
-- USES due_of key_of text_of tracks_of
local function change_expiry(engine, queue, channel, before_s, after_s)
  if before_s == after_s then return end
  local plain, oldest, dues, again = queue .. ':' .. channel, {}, {}, {}
  local lines, found = { plain }, tracks_of(engine, queue, channel)
  for place = 1, #found, 2 do lines[#lines + 1] = plain .. ':' .. found[place] end
  for place, line in ipairs(lines) do
    oldest[place], dues[place] = key_of(engine, 'oldest', line), due_of('line', line)
    again[2 * place - 1] = text_of(engine.now_us)
    again[2 * place] = before_s == 0 and due_of('survey', line .. ' -inf') or due_of('line', line)
  end
  if after_s == 0 then
    redis.call('DEL', unpack(oldest))
    redis.call('ZREM', key_of(engine, 'due'), unpack(dues))
  else
    redis.call('ZADD', key_of(engine, 'due'), unpack(again))
  end
end
