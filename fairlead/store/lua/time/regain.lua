-- regain: when what comes due was put off at a doubted time, and the doubt ended in time having really passed, it comes
-- due later, once, by what the engine's clock was behind. `regained` is "from until by": the doubted time, and how far
-- behind it was. Without this, who signed in first after a night in which nobody swept would be lost with the night,
-- and a contact that came then would have expired in it. Returns whether it comes due later.
-- USES key_of presence_of read_agent read_contact slot_of text_of due_of
local function regain(engine, regained, kind, name, due_us)
  local from_us, until_us, by_us = string.match(regained or '', '(%d+) (%d+) (%d+)')
  local set_us, contact_id, once = 0, name, 'regained_' .. kind
  if kind == 'session' then
    local agent = read_agent(engine, name)
    if agent then set_us = due_us - (agent.is_noted_absent and agent.lease_us or presence_of(agent.lease_us)) end
  elseif kind == 'offer' or kind == 'expiry' then
    local contact = read_contact(engine, name)
    if contact then set_us = tonumber(kind == 'offer' and contact.token or contact.queued_us) or 0 end
  elseif kind == 'ring' then
    local owner, token = string.match(name, '^(.+)/(%d+)$')
    local agent = read_agent(engine, owner)
    local slot = agent and slot_of(agent, token)
    if slot then set_us, contact_id, once = tonumber(token), slot.contact, once .. '_' .. token end
  end
  if set_us < tonumber(from_us) or set_us > tonumber(until_us) then return end
  local later_us = text_of(due_us + tonumber(by_us))
  if kind ~= 'session' then  -- a contact still has the time at which it was set when this comes due again
    local contact_key = key_of(engine, 'contact', contact_id)
    if redis.call('HGET', contact_key, once) == text_of(set_us) then return end
    redis.call('HSET', contact_key, once, text_of(set_us))
    if kind == 'expiry' then redis.call('HSET', contact_key, 'expires_us', later_us) end
  end
  if kind == 'session' then
    engine.agents[name] = nil
    redis.call('HSET', key_of(engine, 'agent', name), 'present_us', later_us)
  end
  redis.call('ZADD', key_of(engine, 'due'), later_us, due_of(kind, name))
  return true
end
