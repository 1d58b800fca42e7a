-- read_field: a field of an agent's record that few scripts need, when it is first looked at; nil for any other name.
local function read_field(agent, field)
  local defaults = {
    activity_us = 0, asked = '', holder = '', inbox = '', lease_us = 0, refusal = '', skills = '',
    skillset = '-', status = '',
  }
  local default = defaults[field]
  if default == nil then return nil end
  local value = redis.call('HGET', agent.key, field) or default
  if default == 0 then value = tonumber(value) end
  agent[field] = value
  return value
end
