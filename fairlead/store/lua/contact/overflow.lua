-- overflow: a contact that has waited too long in its queue, in line or while it is being offered, goes to a queue that
-- takes it. Returns whether there is one. Within all_then_match.
-- USES admit fill leave_wait move_to requeue
local function overflow(engine, contact, settings)
  local target = admit(engine, settings.overflow, true, true, contact.channel,
    contact.queue .. ' ' .. contact.waited_in)
  if not target then return false end
  local agents = leave_wait(engine, contact)
  contact.state = 'queued'
  move_to(engine, contact, target.name, settings.overflow_rank, true)
  requeue(engine, contact, 'contact.overflowed', 'waited')
  for _, agent in ipairs(agents) do fill(engine, agent) end
  return true
end
