-- replace_list: write a whole list anew, in parts: unpack stops at 7,999 values.
local function replace_list(list_key, values)
  redis.call('DEL', list_key)
  for first = 1, #values, 4000 do
    redis.call('RPUSH', list_key, unpack(values, first, math.min(first + 3999, #values)))
  end
end
