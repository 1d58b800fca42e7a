-- walk_line: show `visit` the contacts of a line that have really waited since `youngest_us`, in order, until it
-- returns true. `above` limits them to contact priorities above that one.
-- Within a priority a contact whose rank is too young ends the search, since no contact there has waited longer than
-- its rank says; only adjusted ones are stepped over. A track of contacts that rank younger than they are is searched
-- whole. What is read at a time grows with the priorities in use, not with the depth.
-- KNOWS LINE_READ LONG_LINE_READ RANK_DIGITS
-- USES line_key read_place
local function walk_line(engine, queue, channel, track, youngest_us, above, visit)
  local waiting_key, is_younger = line_key(engine, queue, channel, track), string.sub(track, -1) == '-'
  local from, offset, size, passed = above and '(' .. above or '-inf', 0, LINE_READ, nil
  while true do
    local batch = redis.call('ZRANGE', waiting_key, from, '+inf', 'BYSCORE', 'LIMIT', offset, size, 'WITHSCORES')
    local priorities, last, many = 0, nil, 0
    for place = 1, #batch, 2 do
      local member, priority = batch[place], batch[place + 1]
      if priority ~= last then priorities, last, many = priorities + 1, priority, 0 end
      many = many + 1
      if priority ~= passed then
        local is_adjusted = string.sub(member, RANK_DIGITS + 1, RANK_DIGITS + 1) == '~'
        local rank_us = tonumber(string.sub(member, 1, RANK_DIGITS))
        local queued_us = is_adjusted and tonumber(string.sub(member, RANK_DIGITS + 2, 2 * RANK_DIGITS + 1)) or rank_us
        if queued_us <= youngest_us then
          if visit(read_place(queue, channel, track, member, priority)) then return end
        elseif rank_us > youngest_us and not is_younger then
          passed = priority
        end
      end
    end
    if #batch < 2 * size then return end
    if last == passed then
      from, offset = '(' .. last, 0
    else
      offset = (from == last and offset or 0) + many
      from = last
    end
    size = priorities > size / 2 and LONG_LINE_READ or LINE_READ
  end
end
