-- pause_contact: a connected task is paused: it takes no slot until it is resumed.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- ERRORS  NOT_PAUSABLE id channel
-- USES    refuse find_held rekind
-- FLAGS   allow-oom
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'connected')
  if not contact then return refuse(agent, stale) end
  if contact.channel ~= 'task' then return refuse(agent, 'NOT_PAUSABLE ' .. id .. ' ' .. contact.channel) end
  rekind(engine, agent, contact, 'paused', 'contact.paused')
end
