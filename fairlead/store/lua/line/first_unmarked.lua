-- first_unmarked: the first contact of a priority, in a line or among those being offered, that expires when its queue
-- says so; nil for none. Its place shows its rank alone: it is the time since when it waits.
-- KNOWS LINE_READ LONG_LINE_READ RANK_DIGITS
-- USES read_place
local function first_unmarked(line_key_, priority)
  local from, size = 0, LINE_READ
  while true do
    local members = redis.call('ZRANGE', line_key_, priority, priority, 'BYSCORE', 'LIMIT', from, size)
    for _, member in ipairs(members) do
      if string.sub(member, RANK_DIGITS + 1, RANK_DIGITS + 1) ~= '~' then
        return read_place('', '', '', member, priority)
      end
    end
    if #members < size then return nil end
    from, size = from + size, LONG_LINE_READ
  end
end
