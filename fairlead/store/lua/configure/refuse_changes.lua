-- refuse_changes: why the configuration cannot be changed so, as the text of a refusal; nil when it can.
-- Every object that is left has to find those that it names, and whoever is removed must be out of use.
-- USES in_use key_of object_line object_of
local function refuse_changes(engine, changes)
  local unknown = { queue = 'UNKNOWN_QUEUE ', profile = 'UNKNOWN_PROFILE ', agent = 'UNKNOWN_AGENT ',
    status = 'UNKNOWN_STATUS ', hours = 'UNKNOWN_HOURS ', intake = 'UNKNOWN_INTAKE ' }
  local function is_disabled(status)
    local change = changes.status[status]
    local text = change and change.values[1] or redis.call('HGET', key_of(engine, 'statuses'), status) or ''
    return string.find(text, ' disabled') ~= nil
  end
  local function refuse_version(kind, name, change)
    local version = change.known and change.known.version
    if change.version == '' or change.version == version then return nil end
    if not version then return change.version ~= '0' and unknown[kind] .. name or nil end
    if change.version == '0' then return 'OBJECT_EXISTS ' .. kind .. ' ' .. name end
    return 'OBJECT_CHANGED ' .. kind .. ' ' .. name .. ' ' .. version .. ' ' .. change.version
  end
  local function refuse_removal(kind, name)
    if not in_use(engine, kind, name) then return nil end
    return (kind == 'queue' and 'QUEUE_IN_USE ' or 'AGENT_IN_USE ') .. name
  end
  local function refuse_references(refers)
    for kind, name in string.gmatch(refers, '(%l+):(%S+)') do
      local change = changes[kind][name]
      if change and change.digest == '' then return unknown[kind] .. name end
      if not change and redis.call('HEXISTS', key_of(engine, 'objects'), object_of(kind, name)) == 0 then
        return unknown[kind] .. name
      end
      if kind == 'status' and is_disabled(name) then return 'STATUS_DISABLED ' .. name end
    end
    return nil
  end
  local leaving = {}
  for _, kind in ipairs({ 'instance', 'status', 'hours', 'queue', 'profile', 'agent', 'intake' }) do
    for name, change in pairs(changes[kind]) do
      local is_removed = change.digest == ''
      local refusal = refuse_version(kind, name, change) or (is_removed and refuse_removal(kind, name))
        or refuse_references(change.refers)
      if refusal then return refusal end
      if is_removed or (kind == 'status' and is_disabled(name)) then leaving[object_of(kind, name)] = true end
    end
  end
  if not next(leaving) then return nil end
  local rows = redis.call('HGETALL', key_of(engine, 'objects'))
  for place = 1, #rows, 2 do
    local by_kind, by = string.match(rows[place], '^(%l+):(.*)$')
    for object in string.gmatch(changes[by_kind][by] and '' or object_line(rows[place + 1]).refers, '%S+') do
      if leaving[object] then
        return 'OBJECT_IN_USE ' .. string.gsub(object, ':', ' ') .. ' ' .. by_kind .. ' ' .. by
      end
    end
  end
  return nil
end
