-- is_word: whether a text of words between spaces has a word.
local function is_word(text, word)
  return string.find(' ' .. text .. ' ', ' ' .. word .. ' ', 1, true) ~= nil
end
