-- ends_chain: whether a contact is the last that its chain may have; it is not handed on. domain/contact.py has the
-- number.
local function ends_chain(contact)
  local CHAIN_CONTACTS = 12
  return contact.legs >= CHAIN_CONTACTS
end
