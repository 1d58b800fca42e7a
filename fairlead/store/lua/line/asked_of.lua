-- asked_of: what a contact in line asks of an agent, as canonical text: its active step, and not to be one of those who
-- have refused it and are not asked again yet. In an agent queue steps do not run.
local function asked_of(contact)
  local expression = ''
  if contact.criteria and string.sub(contact.queue, 1, 1) ~= '@' then
    local place = 0
    for step in string.gmatch(contact.criteria, '[^\n]+') do
      place = place + 1
      if place == contact.step then expression = string.match(step, '^%S+ (.+)$') end
    end
  end
  if not contact.refused then return expression end
  local excluded = '!@' .. string.gsub(contact.refused, ':%d+', '')
  if expression == '' then return excluded end
  return (string.gsub(expression, '[^|]+', '%0&' .. excluded))
end
