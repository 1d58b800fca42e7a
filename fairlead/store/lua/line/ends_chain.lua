-- ends_chain: whether a contact is the last that its chain may have; it is not handed on.
-- KNOWS CHAIN_CONTACTS
local function ends_chain(contact)
  return contact.chain_length >= CHAIN_CONTACTS
end
