-- note_refusal: an agent who has refused, missed, failed or given back a contact is not offered it again for as long as
-- its queue says, or for good. After a failure its pause stands for that time: nobody is offered it meanwhile.
-- Returns whether all who serve it have refused it for good.
-- KNOWS REFUSALS
-- USES is_refused_by_all text_of
local function note_refusal(engine, contact, agent, reason, settings)
  local again_s = tonumber(settings.offer_again_after_s)
  if not REFUSALS[reason] or again_s == 0 or again_s and contact.again_us then return false end
  local refused = ''
  for name, until_us in string.gmatch(contact.refused or '', '([^,:]+):(%d+)') do
    if name ~= agent then refused = refused .. name .. ':' .. until_us .. ',' end
  end
  refused = refused .. agent .. ':' .. (again_s and text_of(engine.now_us + again_s * 1000000) or 0)
  contact.refused = refused
  redis.call('HSET', contact.key, 'refused', refused)
  return not again_s and is_refused_by_all(engine, contact)
end
