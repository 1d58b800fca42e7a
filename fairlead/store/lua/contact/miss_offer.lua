-- miss_offer: an offer was not answered in time: the agent keeps a missed slot as its queue's policy says, and after so
-- many misses in a row its status changes; the contact goes back.
-- USES change_status due_of key_of queue_settings read_agent refill reindex requeue rescind set_slot status_type
--      text_of
local function miss_offer(engine, contact)
  local agent, settings = read_agent(engine, contact.agent), queue_settings(engine, contact.queue) or {}
  local keep_s = tonumber(settings.missed_slot_s)
  set_slot(agent, contact.token, keep_s ~= 0 and 'missed' or nil)
  if keep_s and keep_s > 0 then
    redis.call('ZADD', key_of(engine, 'due'), text_of(engine.now_us + keep_s * 1000000),
      due_of('slot', agent.name .. '/' .. contact.token))
  end
  agent.misses = redis.call('HINCRBY', agent.key, 'misses', 1)
  local most = tonumber(settings.status_after_misses) or 0
  if most > 0 and agent.misses >= most then
    local type = status_type(key_of(engine, 'statuses'), settings.missed_status)
    if type and agent.is_routable then
      change_status(engine, agent, settings.missed_status, type == 'routable', 'missed_offers')
      if type ~= 'routable' then rescind(engine, agent) end
    end
  end
  reindex(engine, agent)
  requeue(engine, contact, 'contact.missed', 'missed')
  refill(engine, agent)
end
