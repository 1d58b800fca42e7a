-- due_of: the member of `due` for what comes due, and whose; `name` of a slot is agent/token.
local function due_of(kind, name)
  return kind .. ':' .. name
end
