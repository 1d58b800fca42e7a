-- line_up: put a contact into its place in line and, unless it is in a pause, find an agent for it; within
-- all_then_match when all others stand there.
-- USES enter_line match_contact
-- RARELY end_steps skip_steps
local function line_up(engine, contact)
  enter_line(engine, contact)
  if contact.again_us then return end
  if engine.later then
    table.insert(engine.later.contacts, contact)
    return
  end
  if engine.tracked ~= ' ' then end_steps(engine) end
  match_contact(engine, contact)
  if contact.criteria then skip_steps(engine, contact) end
end
