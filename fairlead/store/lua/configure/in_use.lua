-- in_use: whether a queue or an agent cannot be removed now, since contacts are in it or a session is its.
-- USES contacts_in key_of
local function in_use(engine, kind, name)
  if kind == 'queue' then return contacts_in(engine, name) > 0 end
  return kind == 'agent' and (redis.call('HEXISTS', key_of(engine, 'agent', name), 'epoch') == 1
    or contacts_in(engine, '@' .. name) > 0)
end
