-- all_waited: the first contacts of a line that have really waited so long, at most `most`, in order; `above` limits
-- them to contact priorities above that one.
-- USES walk_line
local function all_waited(engine, queue, channel, track, after_us, above, most)
  local found = {}
  walk_line(engine, queue, channel, track, engine.now_us - after_us, above, function(contact)
    found[#found + 1] = contact
    return #found == most
  end)
  return found
end
