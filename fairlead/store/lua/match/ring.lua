-- ring: an agent is asked whether it takes a contact, by a token: the slot, the time until which, the counters.
-- `kind` and `name`: as what that comes due.
-- KNOWS OFFER_WINDOW_MS
-- USES count due_of key_of of_channel set_slot terms_of text_of
local function ring(engine, agent, contact, token, kind, name)
  local window_ms = of_channel(agent.windows, contact.channel)
    or terms_of(engine, contact.queue, contact.channel).window_ms
    or OFFER_WINDOW_MS[contact.channel]
  contact.deadline_us = text_of(engine.now_us + tonumber(window_ms) * 1000)
  redis.call('ZADD', key_of(engine, 'due'), contact.deadline_us, due_of(kind, name))
  count(engine, contact.queue .. ':' .. contact.channel, 'offers')
  count(engine, agent.name, 'offers')
  set_slot(agent, token, 'offered', contact)
end
