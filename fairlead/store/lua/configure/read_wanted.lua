-- read_wanted: the configuration that apply_configuration was given, as wanted[kind][name] = {value, ...}.
-- The arguments are groups: kind, name, how many values, the values.
local function read_wanted(arguments, first)
  local wanted = { instance = {}, status = {}, queue = {}, profile = {}, servers = {}, agent = {},
    hours = {}, skillset = {} }
  local place = first
  while place <= #arguments do
    local values, many = {}, tonumber(arguments[place + 2])
    for offset = 1, many do values[offset] = arguments[place + 2 + offset] end
    wanted[arguments[place]][arguments[place + 1]] = values
    place = place + 3 + many
  end
  return wanted
end
