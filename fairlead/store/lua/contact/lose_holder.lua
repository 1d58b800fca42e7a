-- lose_holder: a holder is dead: none of its agents is given anything from now on, and their sessions end (end_lost).
-- USES is_word save_special
local function lose_holder(engine, holder)
  if is_word(engine.lost, holder) then return end
  engine.lost = engine.lost .. holder .. ' '
  save_special(engine)
end
