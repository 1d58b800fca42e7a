-- end_lost: the sessions of dead holders are over, as many as one script may end. Within all_then_match.
-- Returns whether the script may do no more.
-- KNOWS AGENTS_READ
-- USES end_session key_of save_special spent without_word
local function end_lost(engine)
  if engine.lost == ' ' then return false end
  for holder in string.gmatch(engine.lost, '%S+') do
    local holder_key, cursor = key_of(engine, 'holder', holder), '0'
    repeat
      local found = redis.call('SSCAN', holder_key, cursor, 'COUNT', AGENTS_READ)
      cursor = found[1]
      for _, name in ipairs(found[2]) do
        end_session(engine, name, 'agent.lost', 'lost', {})
        if spent() then return true end
      end
    until cursor == '0'
    engine.lost = without_word(engine.lost, holder)
    save_special(engine)
  end
  return spent()
end
