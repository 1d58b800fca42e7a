-- refuse_intake: why a contact cannot be pushed as an intake decided, as the text of a refusal; nil when it can. The
-- intake must be as it was when it decided. `decided` is the intake, its version and the rule, then a line with what
-- was read, then the reason for which the rule refuses the contact; empty: it does not.
-- USES key_of object_of
local function refuse_intake(instance_key, decided)
  local intake, version, reason = string.match(decided, '^(%S+) (%d+)[^\n]*\n[^\n]*\n?(.*)$')
  local objects_key = key_of({ prefix = string.match(instance_key, '^(.*:)') }, 'objects')
  local line = redis.call('HGET', objects_key, object_of('intake', intake))
  if not line then return 'UNKNOWN_INTAKE ' .. intake end
  local its_version = string.match(line, '^%d+')
  if its_version ~= version then return 'INTAKE_CHANGED ' .. intake .. ' ' .. its_version .. ' ' .. version end
  return reason ~= '' and 'INTAKE_REFUSED ' .. intake .. ' ' .. reason or nil
end
