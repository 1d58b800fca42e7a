-- expiry_of: how long a queue lets a contact of a channel wait that has no expiry of its own, in us; 0: for ever.
-- KNOWS EXPIRY_S
-- USES terms_of
local function expiry_of(engine, queue, channel)
  if string.sub(queue, 1, 1) == '@' then return (EXPIRY_S[channel] or 0) * 1000000 end
  return (tonumber(terms_of(engine, queue, channel).expiry_s) or 0) * 1000000
end
