-- decision_of: what a contact's record says of the intake that chose its queue: the intake, its version, the rule and
-- what was read.
local function decision_of(decided)
  return string.match(decided, '^(%S+) (%d+) ([^\n]*)\n([^\n]*)')
end
