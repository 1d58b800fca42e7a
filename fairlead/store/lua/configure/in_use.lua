-- in_use: whether a queue or an agent cannot be removed now, since contacts are in it, scheduled for it or parked from
-- it, or a session is its.
-- USES contacts_in key_of
local function in_use(engine, kind, name)
  local function has_contacts(queue)
    return contacts_in(engine, queue) > 0 or redis.call('HEXISTS', key_of(engine, 'apart'), queue) == 1
  end
  if kind == 'queue' then return has_contacts(name) end
  return kind == 'agent' and (redis.call('HEXISTS', key_of(engine, 'agent', name), 'epoch') == 1
    or has_contacts('@' .. name))
end
