-- forget_passed: who may be offered a waiting contact again is no longer among those who have refused it: their time
-- has passed, or they had refused it for good in a queue in which nobody does any more.
-- USES key_of
local function forget_passed(engine, contact)
  local before, left = contact.refused, {}
  local has_ever = string.find(before .. ',', ':0,')
  local is_ever = has_ever and redis.call('HGET', key_of(engine, 'queue', contact.queue), 'offer_again_after_s') == ''
  for name, until_us in string.gmatch(before, '([^,:]+):(%d+)') do
    local lasts = until_us == '0' and is_ever or tonumber(until_us) > engine.now_us
    if lasts then left[#left + 1] = name .. ':' .. until_us end
  end
  contact.refused = left[1] and table.concat(left, ',')
  if contact.refused == before then return end
  if contact.refused then
    redis.call('HSET', contact.key, 'refused', contact.refused)
  else
    redis.call('HDEL', contact.key, 'refused')
  end
end
