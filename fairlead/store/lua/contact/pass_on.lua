-- pass_on: a contact that its queue gives up goes to the overflow queue, or is parked. One that has waited in all
-- queues to which it would overflow stays, unless nobody is left whom it could be offered to. Ready to be lined up,
-- where it is queued. `before` is as for tell_back.
-- USES admit move_to park tell_back
local function pass_on(engine, contact, settings, why, before)
  local target, refusal
  if settings.overflow ~= '' then
    target, refusal = admit(engine, settings.overflow, true, true, contact.channel,
      contact.queue .. ' ' .. contact.waited_in)
  end
  if target then
    move_to(engine, contact, target.name, settings.overflow_rank, true)
    tell_back(engine, contact, 'contact.overflowed', why, before)
  elseif refusal ~= 'HAS_WAITED' or why ~= 'max_offers' then
    park(engine, contact, why, before.error or '')
  end
end
