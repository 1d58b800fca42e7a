-- all_then_match: run `act`, and match when it is done: all that comes into line stands there, and all who leave have
-- left, before the first agent is walked. Meanwhile `engine.later` collects contacts, names of agents and of owners,
-- {profile, channel}, and contacts to be started once those before them have been given to agents.
-- USES match_together
local function all_then_match(engine, act)
  if engine.later then return act() end
  engine.later = { contacts = {}, agents = {}, pools = {}, owners = {}, starts = {} }
  act()
  local later = engine.later
  engine.later = nil
  match_together(engine, later)
end
