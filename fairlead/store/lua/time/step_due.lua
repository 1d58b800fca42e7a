-- step_due: a waiting contact's routing step or pause is over: it lines up anew.
-- USES key_of leave_line line_up place_of
local function step_due(engine, contact)
  if contact.state ~= 'queued' then return end
  if contact.refused and redis.call('HGET', key_of(engine, 'queue', contact.queue), 'exclude_rejecting') == '0' then
    redis.call('HDEL', contact.key, 'refused')
    contact.refused = nil
  end
  leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact))
  line_up(engine, contact)
end
