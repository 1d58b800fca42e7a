-- longest_available: of the agents of some profiles (servers_of) who are available and satisfy an expression, the name
-- of the one available longest, or nil.
-- USES find_fit
local function longest_available(engine, servers, expression)
  local first, since
  for _, server in ipairs(servers) do
    local name, score = find_fit(engine, server[1], server.lane, expression)
    if name and (not first or score < since or (score == since and name < first)) then first, since = name, score end
  end
  return first
end
