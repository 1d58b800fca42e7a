-- presence_of: how long a session may go without being renewed before it is taken out of routing: two thirds of its
-- lease, which is two renewals. After the rest of the lease it is lost.
local function presence_of(lease_us)
  return math.floor(tonumber(lease_us) * 2 / 3)
end
