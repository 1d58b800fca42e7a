-- catch_up: do what others have left to be done: sessions of dead holders end, agents are indexed anew, and then, at
-- the end of all_then_match, agents and contacts are matched; as much of it as one script may do.
-- USES end_lost index_anew
local function catch_up(engine)
  engine.catches_up = true
  if engine.lost ~= ' ' then end_lost(engine) end
  if not engine.is_behind then index_anew(engine) end
end
