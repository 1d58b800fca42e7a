-- end_lapsed: the sessions of a holder whose leases have ended are over, as many as one script may end; others are due.
-- Within all_then_match.
-- USES end_session key_of lease_ends spent
local function end_lapsed(engine, holder)
  for _, name in ipairs(redis.call('SMEMBERS', key_of(engine, 'holder', holder))) do
    if lease_ends(engine, name) <= engine.now_us then end_session(engine, name, 'agent.lost', 'lost', {}) end
    if spent() then return end
  end
end
