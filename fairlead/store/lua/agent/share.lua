-- share: in a profile that shares by weight, note that an entry was served; domain/choose.py, share_of, is the rule.
-- KNOWS SHARE_SCALE
-- USES key_of text_of
local function share(engine, agent, contact)
  local shares_key, pair = key_of(engine, 'shares', agent.profile), contact.queue .. ':' .. contact.channel
  local last = tonumber(redis.call('HGET', shares_key, 'last')) or 0
  local start = math.max(contact.pass, last)
  redis.call('HSET', shares_key, 'last', text_of(start),
    pair, text_of(start + math.floor(SHARE_SCALE / tonumber(contact.weight))))
end
