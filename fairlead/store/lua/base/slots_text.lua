-- slots_text: an agent's slots as its record keeps them: "token channel kind contact queue connected_us;" for each.
local function slots_text(slots)
  local texts = {}
  for place, one in ipairs(slots) do
    texts[place] = one.token .. ' ' .. one.channel .. ' ' .. one.kind .. ' ' .. one.contact .. ' ' .. one.queue .. ' '
      .. one.connected_us .. ';'
  end
  return table.concat(texts)
end
