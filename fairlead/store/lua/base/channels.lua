-- channels: the names of the channels, in a fixed order.
local function channels()
  return { 'voice', 'chat', 'task', 'email' }
end
