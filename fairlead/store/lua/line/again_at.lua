-- again_at: when what bars a waiting contact from all or from some agents ends next: its pause, or the time for which
-- one who has refused it is not offered it again. Nil when nothing does by itself.
local function again_at(contact)
  local first_us = contact.again_us
  for until_us in string.gmatch(contact.refused or '', ':(%d%d+)') do
    if not first_us or tonumber(until_us) < tonumber(first_us) then first_us = until_us end
  end
  return first_us
end
