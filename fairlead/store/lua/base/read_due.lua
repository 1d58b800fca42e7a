-- read_due: what comes due, and whose; the inverse of due_of.
local function read_due(member)
  return string.match(member, '^(%a+):(.+)$')
end
