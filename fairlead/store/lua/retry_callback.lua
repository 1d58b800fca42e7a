-- retry_callback: the agent could not reach the customer of a callback: it is tried again after its retry delay, with
-- its place kept; after its last attempt it expires.
-- SESSION
-- ARGV    id        str   the contact's id
-- ARGV    token     int   its fencing token
-- ERRORS  STALE_TOKEN id token
-- ERRORS  WRONG_STATE id state
-- ERRORS  NOT_CALLBACK id
-- EMITS   contact.scheduled contact queue channel agent token due_us reason
-- USES    count_apart refuse end_contact find_held key_of free_slot emit text_of due_of
-- FLAGS   allow-oom
if agent.is_new then
  local contact, stale = find_held(engine, agent, id, token, 'connected on_hold')
  if not contact then return refuse(agent, stale) end
  if not contact.callback then return refuse(agent, 'NOT_CALLBACK ' .. id) end
  local delay_us, left, expiry_us = string.match(contact.callback, '(%d+) (%d+) (%d+)')
  free_slot(engine, name, token)
  contact.connected_us = nil
  redis.call('HDEL', contact.key, 'agent', 'token', 'connected_us')
  if tonumber(left) == 0 then
    end_contact(engine, contact, 'expired', 'unreachable')
  else
    local due_us = text_of(engine.now_us + tonumber(delay_us))
    local rest = delay_us .. ' ' .. text_of(tonumber(left) - 1) .. ' ' .. expiry_us
    redis.call('HSET', contact.key, 'state', 'scheduled', 'callback', rest,
      'expires_us', text_of(tonumber(due_us) + tonumber(expiry_us)))
    redis.call('ZADD', key_of(engine, 'due'), due_us, due_of('start', id))
    count_apart(engine, contact.queue, 1)
    emit(engine, 'contact.scheduled', 'contact', id, 'queue', contact.queue, 'channel', contact.channel, 'agent', name,
      'token', token, 'due_us', due_us, 'reason', 'unreachable')
  end
end
