-- merge_attributes: a contact's attributes with changes laid over them, as lines "name value", the value being JSON
-- that nobody reads here; and the names of those that differ. `changes` are name, value pairs; an empty value removes.
local function merge_attributes(text, changes)
  local names, values, lines, differ = {}, {}, {}, {}
  for name, value in string.gmatch(text, '(%S+) ([^\n]+)') do
    names[#names + 1], values[name] = name, value
  end
  for place = 1, #changes, 2 do
    local name, value = changes[place], changes[place + 1]
    if value ~= (values[name] or '') then
      differ[#differ + 1] = name
      if not values[name] then names[#names + 1] = name end
      values[name] = value ~= '' and value or nil
    end
  end
  for _, name in ipairs(names) do
    if values[name] then lines[#lines + 1] = name .. ' ' .. values[name] end
  end
  return lines, differ
end
