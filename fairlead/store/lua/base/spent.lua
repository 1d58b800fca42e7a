-- spent: whether the script has asked Redis as often as one script may, so that it stops at its next step and leaves
-- the rest to whoever sweeps. It stands before all that asks, and counts.
-- KNOWS MOST_CALLS
local calls, call_redis, error_of = 0, redis.call, redis.error_reply
local redis = { error_reply = error_of, call = function(...)
  calls = calls + 1
  return call_redis(...)
end }
local function spent()
  return calls >= MOST_CALLS
end
