-- step_due: a waiting contact's routing step or pause is over: it lines up anew.
-- USES leave_line line_up member_of
local function step_due(engine, contact)
  if contact.state ~= 'queued' then return end
  leave_line(engine, contact.queue, contact.channel, contact.lane, member_of(contact))
  line_up(engine, contact)
end
