-- step_due: a waiting contact's routing step or pause is over, or an agent may be offered it again: it lines up anew.
-- USES leave_line line_up place_of
local function step_due(engine, contact)
  if contact.state ~= 'queued' then return end
  leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact))
  line_up(engine, contact)
end
