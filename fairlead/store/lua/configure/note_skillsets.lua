-- note_skillsets: a profile's record names the sets of proficiencies that its agents have, when any has some; an agent
-- without may yet sign in. Returns whether there are some now and were none, or the other way round.
-- USES key_of
local function note_skillsets(engine, profile)
  local profile_key = key_of(engine, 'profile', profile)
  local before = redis.call('HGET', profile_key, 'skillsets')
  local skillsets = redis.call('HKEYS', key_of(engine, 'skillsets', profile))
  if #skillsets > 0 then skillsets[#skillsets + 1] = '-' end
  table.sort(skillsets)
  local after = table.concat(skillsets, ' ')
  if not before or before == after then return false end
  redis.call('HSET', profile_key, 'skillsets', after)
  engine.kept.profiles[profile] = nil
  return (before == '') ~= (after == '')
end
