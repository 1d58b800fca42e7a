-- go_on: agents who are done with a contact without a word of theirs take what they may now, after all of them are
-- free. Who represents them is told, so that nothing rings on there.
-- USES all_then_match fill wake
local function go_on(engine, agents)
  local function fill_all()
    for _, agent in ipairs(agents) do fill(engine, agent) end
  end
  if agents[2] then all_then_match(engine, fill_all) else fill_all() end
  for _, agent in ipairs(agents) do wake(engine, agent) end
end
