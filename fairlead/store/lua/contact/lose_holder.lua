-- lose_holder: a holder is dead: none of its agents is given anything from now on, and their sessions end (end_lost).
-- USES save_special
local function lose_holder(engine, holder)
  if string.find(engine.lost, ' ' .. holder .. ' ', 1, true) then return end
  engine.lost = engine.lost .. holder .. ' '
  save_special(engine)
end
