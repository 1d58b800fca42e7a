-- text_of: a whole number as text with all its digits; Lua's own conversion keeps 14.
local function text_of(number)
  return string.format('%.0f', number)
end
