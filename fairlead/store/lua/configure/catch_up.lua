-- catch_up: do what others have left to be done: staged changes are made, sessions of dead holders end, agents are
-- indexed anew, refusals are forgotten, and then, at the end of all_then_match, agents and contacts are matched; as
-- much of it as one script may do. Until it comes to the last, the engine is behind: all stands in line before the
-- first agent is walked.
-- USES apply_staged end_lost forget_refusals index_anew
local function catch_up(engine)
  engine.catches_up = true
  engine.is_behind = apply_staged(engine) or end_lost(engine) or index_anew(engine) or forget_refusals(engine)
end
