-- apply_configuration: the configuration becomes the given one, at once or not at all. Only what differs is written.
-- It acts on the very next decision: agents who wait are matched with contacts that have just become theirs; contacts
-- that are held stay. What has been staged is applied from now on, whoever asks on or not, and nobody else changes
-- anything until it is.
-- REQUEST
-- KEYS    instance  hash  the instance's stamp, version and settings
-- KEYS    staged    list  the changes that have been put aside
-- KEYS    applying  list  the changes that are being applied
-- ARGV    expected  int   the version that the change was planned against; "fresh": only when there is none yet
-- ARGV    is_whole  int   1: what is not given is removed
-- ARGV    is_trial  int   1: refuse what cannot be applied, and change nothing
-- ARGV    staging   str   the name of what has been staged, which is applied; empty: what follows is
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- ARGV*   kind      str   instance, status, hours, queue, profile, agent, intake; calendar: when hours begin and end
-- ARGV*   name      str   what it is called
-- ARGV*   version   int   the one that the object must have; empty: whatever it has
-- ARGV*   digest    str   of the object; empty: it is removed
-- ARGV*   refers    str   "kind:name" of each object that it names
-- ARGV*   described str   what of it is for people alone
-- ARGV*   many      int   how many values follow
-- REPLY   the configuration's version
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
-- KNOWS   LAYOUT
-- USES    all_then_match catch_up open_engine read_changes refuse_changes configure
local version = redis.call('HGET', instance_key, 'version') or '0'
local is_applying = redis.call('EXISTS', applying_key) == 1
if expected == 'fresh' and (version ~= '0' or is_applying) then return version end
if staging ~= '' and redis.call('HGET', instance_key, 'staged') == staging then return version end
local engine = open_engine(instance_key, now_us, actor)
local changes = read_changes(engine, ARGV, REST + 1, is_whole == '1')
if changes.many > 0 or staging ~= '' then
  if expected ~= 'fresh' and version ~= expected or is_applying
    or staging ~= '' and redis.call('EXISTS', staged_key) == 0
  then
    return redis.error_reply('CONFIGURATION_CHANGED ' .. version .. ' ' .. expected)
  end
  local refusal = refuse_changes(engine, changes)
  if refusal then return redis.error_reply(refusal) end
end
if is_trial == '1' then return version end
if version == '0' then redis.call('HSET', instance_key, 'layout', LAYOUT) end

if staging ~= '' then
  redis.call('RENAME', staged_key, applying_key)
  redis.call('PERSIST', applying_key)
  redis.call('HSET', instance_key, 'staged', staging, 'configured', '1')
  all_then_match(engine, function() catch_up(engine) end)
  return version
end
if changes.many > 0 then return configure(engine, changes) end
redis.call('HSET', instance_key, 'configured', '1')
return version
