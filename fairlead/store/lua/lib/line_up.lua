-- line_up: put a contact into its place in line and, unless it is in a pause, find an agent for it.
-- USES enter_line match_contact skip_steps
local function line_up(engine, contact)
  enter_line(engine, contact)
  if contact.again_us then return end
  match_contact(engine, contact)
  skip_steps(engine, contact)
end
