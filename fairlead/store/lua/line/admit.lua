-- admit: the queue that takes a contact which wants to enter `queue`: itself, or, when it is full, or closed with that
-- policy, and `may_overflow`, the overflow queue that it names, and so on. Returns its settings, or nil and the
-- refusal. `may_exceed`: moves, quick connects and due callbacks may exceed the limit by a fifth, rounded down.
-- `waited_in`: names of queues that a contact which overflows does not return to; HAS_WAITED when no other is left.
-- `leaving`: how many of those that are in it make room.
-- A queue that turns contacts of the channel away while nobody who serves it is there is as if it were full.
-- USES contacts_in is_closed is_word queue_settings
-- RARELY is_anybody
local function admit(engine, queue, may_exceed, may_overflow, channel, waited_in, leaving)
  local tried, refusal, target = {}, nil, queue
  repeat
    tried[target] = true
    local settings, why = queue_settings(engine, target), nil
    if not settings then
      local owner = string.match(target, '^@(.+)$')
      return nil, refusal or (owner and 'UNKNOWN_AGENT ' .. owner or 'UNKNOWN_QUEUE ' .. target)
    end
    local most = tonumber(settings.max_contacts)
    if most and may_exceed then most = most + math.floor(most / 5) end
    if waited_in and is_word(waited_in, target) then
      why = 'HAS_WAITED'
    elseif settings.enabled == '0' then
      return nil, refusal or 'QUEUE_DISABLED ' .. target
    elseif is_closed(engine, settings) and settings.closed_policy ~= 'hold' then
      why = 'QUEUE_CLOSED ' .. target
      if settings.closed_policy == 'refuse' then return nil, refusal or why end
    elseif most and (most == 0 or contacts_in(engine, target) - (leaving or 0) >= most) then
      why = 'QUEUE_FULL ' .. target .. ' ' .. settings.max_contacts
    elseif channel and (settings.turn_away_when or 'never') ~= 'never'
      and not is_anybody(engine, target, channel, '', settings.turn_away_when)
    then
      why = 'QUEUE_UNSTAFFED ' .. target .. ' ' .. settings.turn_away_when
    end
    if not why then return settings end
    refusal, target = refusal or why, settings.overflow
  until target == '' or tried[target] or not may_overflow
  return nil, refusal
end
