-- count_skills: one agent more (by = 1) or less (-1) of a profile has a set of proficiencies.
-- USES key_of
local function count_skills(engine, profile, skillset, skills, by)
  local skillsets_key = key_of(engine, 'skillsets', profile)
  local many = by + tonumber(string.match(redis.call('HGET', skillsets_key, skillset) or '0', '^%d+'))
  if many > 0 then
    redis.call('HSET', skillsets_key, skillset, many .. ' ' .. skills)
  else
    redis.call('HDEL', skillsets_key, skillset)
  end
end
