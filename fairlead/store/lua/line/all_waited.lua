-- all_waited: the first contacts of a line that have really waited so long, at most `most`, in order; `above` limits
-- them to contact priorities above that one. Searches as first_eligible does.
-- USES line_key read_place text_of
local function all_waited(engine, queue, channel, track, after_us, above, most)
  local waiting_key, found = line_key(engine, queue, channel, track), {}
  local youngest_us, is_younger = engine.now_us - after_us, string.sub(track, -1) == '-'
  local from = above and '(' .. above or '-inf'
  while #found < most do
    local head = redis.call('ZRANGE', waiting_key, from, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
    if not head[1] then return found end
    local priority = text_of(tonumber(head[2]))
    for _, member in ipairs(redis.call('ZRANGE', waiting_key, priority, priority, 'BYSCORE', 'LIMIT', 0, most)) do
      local contact = read_place(queue, channel, track, member, priority)
      if contact.queued_us <= youngest_us then
        found[#found + 1] = contact
      elseif contact.rank_us > youngest_us and not is_younger then
        break
      end
    end
    from = '(' .. priority
  end
  return found
end
