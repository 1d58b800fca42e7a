-- key_of: a key that only the script finds out; the same spelling as store/keys.py.
local function key_of(engine, family, name, channel)
  if channel then
    return engine.prefix .. family .. ':' .. name .. ':' .. channel
  elseif name then
    return engine.prefix .. family .. ':' .. name
  end
  return engine.prefix .. family
end
