-- without_word: a text of words, each between spaces, without one of them.
local function without_word(text, word)
  local first, last = string.find(text, ' ' .. word .. ' ', 1, true)
  return string.sub(text, 1, first) .. string.sub(text, last + 1)
end
