-- object_of: an object of the configuration, as `objects` and `descriptions` have it.
local function object_of(kind, name) return table.concat({ kind, name }, ':') end
