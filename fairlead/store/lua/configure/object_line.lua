-- object_line: what an object's line in `objects` says: its version, its digest, and what it refers to; nil for none.
local function object_line(line)
  if not line then return nil end
  local version, digest, refers = string.match(line, '^(%d+) (%S+) ?(.*)$')
  return { version = version, digest = digest, refers = refers }
end
