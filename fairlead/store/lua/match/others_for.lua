-- others_for: the further agents at whom a contact rings as it is offered to one, as many as its queue offers it to:
-- those who would take it next, too, and are asked, as the queue prefers them. Who accepts by itself does not ring.
-- Each is { agent, contact }, the contact as its profile sees it. It still stands in its line.
-- USES accepts_itself choose
-- RARELY by_choice
local function others_for(engine, agent, contact)
  local others, queue = {}, string.gsub(contact.queue, '[%-%.]', '%%%0')
  local most = tonumber(string.match(engine.choices, ' ' .. queue .. '%*(%d+) ') or 1)
  if most == 1 or accepts_itself(agent, contact.channel) then return others end
  local choice = string.match(engine.choices, ' ' .. queue .. '=(%S+) ') or 'longest_idle'
  for _, one in ipairs(by_choice(engine, agent, contact, choice, false)) do
    local best = one ~= agent and not accepts_itself(one, contact.channel) and choose(engine, one)
    if best and best.id == contact.id then others[#others + 1] = { one, best } end
    if #others == most - 1 then break end
  end
  return others
end
