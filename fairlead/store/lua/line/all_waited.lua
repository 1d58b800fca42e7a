-- all_waited: the first contacts of a line that have really waited so long, as many as one script sees to, in order, of
-- those that `wants` answers true for; `above` limits them to contact priorities above that one.
-- KNOWS CONTACTS_AT_ONCE
-- USES read_contact walk_line
local function all_waited(engine, queue, channel, track, after_us, above, wants)
  local found = {}
  walk_line(engine, queue, channel, track, engine.now_us - after_us, above, function(place)
    local contact = read_contact(engine, place.id)
    if wants(contact) then found[#found + 1] = contact end
    return #found == CONTACTS_AT_ONCE
  end)
  return found
end
