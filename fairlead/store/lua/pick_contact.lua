-- pick_contact: the agent picks a waiting contact from its worklist: one of a manual-only entry of its profile, for
-- which it has a slot. It is connected at once.
-- SESSION
-- ARGV    id        str   the contact's id
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  WRONG_STATE id state
-- ERRORS  NOT_SERVED agent id queue
-- ERRORS  NO_SLOT agent filter value ...
-- USES    is_word refuse key_of read_contact may_be_offered is_at_limit hand_over why_not_offered
-- FLAGS   allow-oom
if agent.is_new then
  local contact = read_contact(engine, id)
  if not contact then return refuse(agent, 'UNKNOWN_CONTACT ' .. id) end
  if contact.state ~= 'queued' then return refuse(agent, 'WRONG_STATE ' .. id .. ' ' .. contact.state) end
  local manual = redis.call('HGET', key_of(engine, 'profile', agent.profile), 'manual') or ''
  if not is_word(manual, contact.queue .. ':' .. contact.channel) then
    return refuse(agent, 'NOT_SERVED ' .. name .. ' ' .. id .. ' ' .. contact.queue)
  end
  if not may_be_offered(agent, contact.channel) or is_at_limit(agent, contact.queue, contact.channel) then
    return refuse(agent, 'NO_SLOT ' .. name .. ' ' .. why_not_offered(engine, agent, contact.queue, contact.channel))
  end
  hand_over(engine, agent, contact, true)
end
