-- pause_lane: the lane of contacts in a pause after a failed attempt; nobody who chooses looks into it. Its name ends
-- as those of lanes of contacts that rank younger than they are, since it may hold some.
local function pause_lane()
  return 'pause-'
end
