-- text_of: a number, rounded to a whole one, as text with all its digits; Lua's own conversion keeps 14.
local function text_of(number)
  if number % 1 ~= 0 then number = math.floor(number + 0.5) end
  return string.format('%d', number)
end
