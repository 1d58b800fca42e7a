-- track_for: the track in which contacts that ask the same of an agent wait; "" is the plain line. Opens it when it is
-- not in use. A track whose name ends with "-" is for contacts that rank younger than they are.
-- USES is_word key_of
-- RARELY save_special
local function track_for(engine, contact, expression)
  local is_younger = contact.rank > contact.queued_us
  if expression == '' and not is_younger then return '' end
  local pair, holds = contact.queue .. ':' .. contact.channel, (is_younger and '<' or '') .. expression
  local tracks_key = key_of(engine, 'tracks', pair)
  local track = redis.call('HGET', tracks_key, holds)
  if track then return track end
  track = redis.call('HINCRBY', engine.instance_key, 'track', 1) .. (is_younger and '-' or '')
  redis.call('HSET', tracks_key, holds, track)
  if not is_word(engine.tracked, pair) then
    engine.tracked = engine.tracked .. pair .. ' '
    save_special(engine)
  end
  return track
end
