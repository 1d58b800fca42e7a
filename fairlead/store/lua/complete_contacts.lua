-- complete_contacts: contacts that the agent has finished end, or their after-contact work begins; what it may take
-- next is given to it in the same call. A contact whose token is not the given one is left alone and named in the
-- reply.
-- SESSION
-- FIRST   plain_turn
-- ARGV*   contact   str   the contact's id
-- ARGV*   token     int   its fencing token
-- KNOWS   HELD
-- USES    finish slot_of
-- RARELY  read_contact
-- FLAGS   allow-oom
if #ARGV > REST + 2 then engine.tally = {} end
for place = REST + 1, #ARGV, 2 do
  local id, token = ARGV[place], ARGV[place + 1]
  local slot = agent.is_new and slot_of(agent, token)
  if slot and slot.contact == id and HELD[slot.kind] then
    finish(engine, agent, slot)
  else
    local contact = read_contact(engine, id)
    local is_its = contact and contact.token == token and contact.agent == name
    if not is_its or (contact.state ~= 'completed' and contact.state ~= 'acw') then fenced[#fenced + 1] = id end
  end
end
