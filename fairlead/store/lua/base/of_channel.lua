-- of_channel: what a text of an agent's record, "channel=value ...", has for a channel, or nil.
local function of_channel(text, channel)
  return text ~= '' and string.match(text, channel .. '=(%S+)') or nil
end
