-- read_field: a field of an agent's record that few scripts need, when it is first looked at; nil for any other name.
local function read_field(agent, field)
  local default
  if field == 'activity_us' or field == 'lease_us' then
    default = 0
  elseif field == 'skillset' then
    default = '-'
  elseif field == 'asked' or field == 'holder' or field == 'inbox' or field == 'refusal' or field == 'skills'
    or field == 'status'
  then
    default = ''
  else
    return nil
  end
  local value = redis.call('HGET', agent.key, field) or default
  if default == 0 then value = tonumber(value) end
  agent[field] = value
  return value
end
