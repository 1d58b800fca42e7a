-- change_object: one object of the configuration is created, changed or removed, at once. It acts as the same change by
-- apply_configuration does.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp, version and settings
-- KEYS    applying  list  the changes that are being applied
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- ARGV*   kind      str   status, hours, queue, profile, agent, intake; calendar: when hours begin and end
-- ARGV*   name      str   what it is called
-- ARGV*   version   int   the one that the object must have; 0: it must not be there
-- ARGV*   digest    str   of the object; empty: it is removed
-- ARGV*   refers    str   "kind:name" of each object that it names
-- ARGV*   described str   what of it is for people alone
-- ARGV*   many      int   how many values follow
-- REPLY   the object's version; of one that is removed or was not there, the configuration's
-- ERRORS  CONFIGURATION_CHANGED version expected
-- ERRORS  OBJECT_CHANGED kind name version expected
-- ERRORS  OBJECT_EXISTS kind name
-- ERRORS  OBJECT_IN_USE kind name by_kind by
-- ERRORS  QUEUE_IN_USE queue
-- ERRORS  AGENT_IN_USE agent
-- ERRORS  UNKNOWN_QUEUE queue
-- ERRORS  UNKNOWN_PROFILE profile
-- ERRORS  UNKNOWN_AGENT agent
-- ERRORS  UNKNOWN_STATUS status
-- ERRORS  UNKNOWN_HOURS hours
-- ERRORS  UNKNOWN_INTAKE intake
-- ERRORS  STATUS_DISABLED status
-- USES    open_engine read_changes refuse_changes configure
local engine = open_engine(instance_key, now_us, actor)
local changes = read_changes(engine, ARGV, REST + 1, false)
if changes.many == 0 then return changes.version or redis.call('HGET', instance_key, 'version') or '0' end
if redis.call('EXISTS', applying_key) == 1 then
  return redis.error_reply('CONFIGURATION_CHANGED ' .. redis.call('HGET', instance_key, 'version') .. ' 0')
end
local refusal = refuse_changes(engine, changes)
if refusal then return redis.error_reply(refusal) end

return configure(engine, changes)
