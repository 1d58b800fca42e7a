-- complete_contacts: contacts that the agent has finished end, or their after-contact work begins; what it may take
-- next is given to it in the same call. A contact whose token is not the given one is left alone and named in the
-- reply.
-- SESSION
-- ARGV*   contact   str   the contact's id
-- ARGV*   token     int   its fencing token
-- KNOWS   HELD
-- USES    read_contact finish
-- FLAGS   allow-oom
for place = REST + 1, #ARGV, 2 do
  local contact, token = read_contact(engine, ARGV[place]), ARGV[place + 1]
  if not contact or contact.token ~= token or contact.agent ~= name then
    fenced[#fenced + 1] = ARGV[place]
  elseif agent.is_new and HELD[contact.state] then
    finish(engine, agent, contact)
  elseif contact.state ~= 'completed' and contact.state ~= 'acw' then
    fenced[#fenced + 1] = ARGV[place]
  end
end
