-- satisfies: whether an agent satisfies an expression in its canonical text; domain/criteria.py is the rule.
-- `name` nil: any agent with these skills that the expression does not exclude by name.
local function satisfies(expression, skills, name)
  if expression == '' then return true end
  for conditions in string.gmatch(expression, '[^|]+') do
    local holds = true
    for condition in string.gmatch(conditions, '[^&]+') do
      local negation, rest = string.match(condition, '^(!?)(.+)$')
      local has
      if string.sub(rest, 1, 1) == '@' then
        has = name and string.find(',' .. string.sub(rest, 2) .. ',', ',' .. name .. ',', 1, true) ~= nil or false
      else
        local skill, lowest, highest = string.match(rest, '^([^~]+)~(%d)~(%d)$')
        local level = tonumber(string.match(skills, ',' .. string.gsub(skill, '[%-%.]', '%%%0') .. '=(%d)') or 0)
        has = level >= tonumber(lowest) and level <= tonumber(highest)
      end
      if has == (negation == '!') then holds = false break end
    end
    if holds then return true end
  end
  return false
end
