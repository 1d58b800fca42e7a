-- catch_up: do what others have left to be done: staged changes are made, sessions of dead holders end, agents are
-- indexed anew, refusals are forgotten, and then, at the end of all_then_match, agents and contacts are matched; as
-- much of it as one script may do. Until it comes to the last, the engine is behind: all stands in line before the
-- first agent is walked.
-- USES apply_staged end_lost forget_refusals index_anew spent
local function catch_up(engine)
  engine.catches_up = true
  engine.is_behind = apply_staged(engine) and spent() or end_lost(engine) and spent() or index_anew(engine) and spent()
    or forget_refusals(engine) and spent()
end
