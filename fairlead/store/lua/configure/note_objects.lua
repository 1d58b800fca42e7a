-- note_objects: each object that changes gets a line with its version, its digest and what it names, and what of it is
-- for people; one that is removed loses them.
-- USES key_of object_of
local function note_objects(engine, changes)
  local objects_key, descriptions_key = key_of(engine, 'objects'), key_of(engine, 'descriptions')
  for _, kind in ipairs({ 'instance', 'status', 'hours', 'queue', 'profile', 'agent', 'intake' }) do
    for name, change in pairs(changes[kind]) do
      local object = object_of(kind, name)
      if change.digest == '' then
        redis.call('HDEL', objects_key, object)
      else
        redis.call('HSET', objects_key, object, engine.version .. ' ' .. change.digest .. ' ' .. change.refers)
      end
      if change.described == '' then
        if change.known then redis.call('HDEL', descriptions_key, object) end
      else
        redis.call('HSET', descriptions_key, object, change.described)
      end
    end
  end
end
