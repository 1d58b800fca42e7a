-- status_type: the type of a status and whether it is disabled, so that nobody can be put into it; nil for none.
local function status_type(statuses_key, status)
  local text = redis.call('HGET', statuses_key, status)
  if not text then return nil end
  return string.match(text, '^%S+'), string.find(text, ' disabled') ~= nil
end
