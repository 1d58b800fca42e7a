-- prefer: of those who may take a contact now, the agent that its queue's choice prefers. `agent` is the one available
-- longest, and stays when the queue has no other choice. Returns the agent, and the contact as that agent's profile
-- sees it.
-- USES choose
-- RARELY by_choice
local function prefer(engine, agent, contact)
  if engine.choices == ' ' then return agent, contact end
  local choice = string.match(engine.choices, ' ' .. string.gsub(contact.queue, '[%-%.]', '%%%0') .. '=(%S+) ')
  if not choice or string.sub(contact.queue, 1, 1) == '@' then return agent, contact end
  for _, one in ipairs(by_choice(engine, agent, contact, choice, true)) do
    if one == agent then break end
    local best = choose(engine, one)
    if best and best.id == contact.id then return one, best end
  end
  return agent, contact
end
