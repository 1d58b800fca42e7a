-- end_sessions: the sessions of some agents are over: all have left routing, and all that they held stands in line,
-- before the first agent is walked. Returns the ids of the contacts that went back.
-- `event` is agent.signed_out or agent.lost; `reason` is signed_out, lost or replaced.
-- USES all_then_match end_session
local function end_sessions(engine, names, event, reason)
  local given_back = {}
  all_then_match(engine, function()
    for _, name in ipairs(names) do end_session(engine, name, event, reason, given_back) end
  end)
  return given_back
end
