-- offerable_of: the channels of which the agent may be offered contacts now, as text; empty for none.
-- KNOWS CHANNELS
-- USES is_full may_be_offered
local function offerable_of(agent)
  local offerable, most = '', agent.most
  if is_full(agent) then return '' end  -- of none, whatever its channel: none needs to be looked at
  for _, channel in ipairs(CHANNELS) do
    if most[channel] and may_be_offered(agent, channel) then
      offerable = offerable == '' and channel or offerable .. ' ' .. channel
    end
  end
  return offerable
end
