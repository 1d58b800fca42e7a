-- match_contact: find an agent for a contact that has just come into its line.
-- Of all agents, over all profiles that serve it and whose delay has passed, the one available longest; the queue may
-- choose otherwise. Whoever is found takes its own best contact: another one when its delay has passed since the last
-- sweep; then the next is looked for. After so many, the pools are left to whoever sweeps.
-- KNOWS TAKEN_AT_ONCE
-- USES asked_of is_word longest_available servers_of
-- RARELY give_best leave_unmatched match_owner
local function match_contact(engine, contact)
  local owner = string.match(contact.queue, '^@(.+)$')
  if owner then return match_owner(engine, owner, contact) end
  if engine.closed ~= ' ' and is_word(engine.closed, contact.queue) then return end
  local expression, turns = asked_of(contact), engine.turns or TAKEN_AT_ONCE
  local asked = engine.seen and contact.queue .. ':' .. contact.channel .. '\n' .. expression
  if asked and engine.seen[asked] then return end
  local servers = servers_of(engine, contact.queue, contact.channel, engine.now_us - tonumber(contact.queued_us))
  while turns > 0 do
    local first = longest_available(engine, servers, expression)
    if not first then
      if asked then engine.seen[asked] = true end
      return
    end
    turns = turns - 1
    if engine.turns then engine.turns = turns end
    local best = give_best(engine, first)
    if best and best.id == contact.id then
      contact.state = best.state
      return
    end
  end
  for _, server in ipairs(servers) do server[2] = contact.channel end
  leave_unmatched(engine, servers, {})
end
