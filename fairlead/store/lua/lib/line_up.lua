-- line_up: put a contact into its place in line and find an agent for it.
-- USES key_of match_contact member_of
local function line_up(engine, contact)
  redis.call('ZADD', key_of(engine, 'waiting', contact.queue, contact.channel), contact.priority, member_of(contact))
  match_contact(engine, contact)
end
