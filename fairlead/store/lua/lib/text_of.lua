-- text_of: a number, rounded to a whole one, as text with all its digits; Lua's own conversion keeps 14.
local function text_of(number)
  return string.format('%d', math.floor(number + 0.5))
end
