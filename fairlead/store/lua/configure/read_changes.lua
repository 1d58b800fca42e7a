-- read_changes: what a script of the configuration was given, as changes[kind][name] = { version, digest, refers,
-- described, values, known }; without what is so already. `known` is the object's line until now; `digest` is '' for
-- what is removed. `is_whole`: what is not given is removed. `many`: how many there are; `version`: that of an object
-- which is so already.
-- USES key_of object_line object_of
local function read_changes(engine, arguments, first, is_whole)
  local changes = { instance = {}, status = {}, hours = {}, queue = {}, profile = {}, agent = {}, intake = {},
    calendar = {}, many = 0 }
  local objects_key, left, place = key_of(engine, 'objects'), {}, first
  if is_whole then
    local rows = redis.call('HGETALL', objects_key)
    for one = 1, #rows, 2 do left[rows[one]] = rows[one + 1] end
  end
  local function add(kind, name, change)
    if change.known == nil and change.digest == '' then return end
    if change.known and change.known.digest == change.digest then
      changes.version = change.known.version
      return
    end
    changes[kind][name], changes.many = change, changes.many + 1
  end
  while place <= #arguments do
    local kind, name, many = arguments[place], arguments[place + 1], tonumber(arguments[place + 6])
    local change = { version = arguments[place + 2], digest = arguments[place + 3], refers = arguments[place + 4],
      described = arguments[place + 5], values = {} }
    for offset = 1, many do change.values[offset] = arguments[place + 6 + offset] end
    if kind == 'calendar' then
      changes.calendar[name] = change.values
    else
      local object = object_of(kind, name)
      change.known = object_line(is_whole and left[object] or not is_whole and redis.call('HGET', objects_key, object))
      left[object] = nil
      add(kind, name, change)
    end
    place = place + 7 + many
  end
  for object, line in pairs(left) do
    local kind, name = string.match(object, '^(%l+):(.*)$')
    add(kind, name, { version = '', digest = '', refers = '', described = '', values = {}, known = object_line(line) })
  end
  return changes
end
