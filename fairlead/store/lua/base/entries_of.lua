-- entries_of: the entries of a profile's text that are routed, each with its queue, channel and delay_us as text.
-- Entries that differ in their queues alone stand together: "priority delay_us channel weight queue queue;".
local function entries_of(text)
  local entries = {}
  for delay_us, channel, queues in string.gmatch(text or '', '%d+ (%d+) (%l+) %d+ ([^;]+)') do
    for queue in string.gmatch(queues, '%S+') do
      entries[#entries + 1] = { queue = queue, channel = channel, delay_us = delay_us }
    end
  end
  return entries
end
