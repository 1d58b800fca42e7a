-- advance_steps: end the routing steps whose time is over. Returns when the active one ends, or nil.
-- EMITS contact.step_expired contact queue channel step
-- USES emit text_of
local function advance_steps(engine, contact)
  if not contact.criteria then return nil end
  local steps = {}
  for step in string.gmatch(contact.criteria, '[^\n]+') do steps[#steps + 1] = string.match(step, '^(%S+) ') end
  local before, ends_us = contact.step, nil
  while contact.step <= #steps do
    if steps[contact.step] == '-' then ends_us = nil break end
    ends_us = contact.step_us + tonumber(steps[contact.step])
    if ends_us > engine.now_us then break end
    emit(engine, 'contact.step_expired', 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
      'step', contact.step)
    contact.step, contact.step_us, ends_us = contact.step + 1, ends_us, nil
  end
  if contact.step ~= before then
    redis.call('HSET', contact.key, 'step', contact.step, 'step_us', text_of(contact.step_us))
  end
  return ends_us
end
