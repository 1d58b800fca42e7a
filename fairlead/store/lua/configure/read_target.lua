-- read_target: the configuration that apply_configuration was given, as target[kind][name] = {value, ...}.
-- The arguments are groups: kind, name, how many values, the values.
local function read_target(arguments, first)
  local target = { instance = {}, status = {}, queue = {}, profile = {}, servers = {}, agent = {},
    hours = {}, skillset = {} }
  local place = first
  while place <= #arguments do
    local values, many = {}, tonumber(arguments[place + 2])
    for offset = 1, many do values[offset] = arguments[place + 2 + offset] end
    target[arguments[place]][arguments[place + 1]] = values
    place = place + 3 + many
  end
  return target
end
