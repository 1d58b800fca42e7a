-- apply_configuration: the whole configuration becomes the given one, at once or not at all.
-- It acts on the very next decision: agents who wait are matched with contacts that have just become theirs; contacts
-- that are held stay.
-- KEYS    instance  hash  the instance's stamp, version and settings
-- ARGV    expected  int   the version that the change was planned against; "fresh": only when there is none yet
-- ARGV    is_trial  int   1: refuse what cannot be applied, and change nothing
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- ARGV*   kind      str   instance, status, queue, profile, servers, agent, hours or skillset
-- ARGV*   name      str   what it is called
-- ARGV*   many      int   how many values follow
-- REPLY   the configuration's version, whether anything was applied (0 or 1)
-- ERRORS  CONFIGURATION_CHANGED version expected
-- ERRORS  QUEUE_IN_USE queue
-- ERRORS  AGENT_IN_USE agent
-- ERRORS  UNKNOWN_PROFILE profile
-- USES    open_engine key_of read_target refuse_removals apply_queues apply_profiles apply_agents open_queues match
--         match_affected forget_refusals
local version = redis.call('HGET', instance_key, 'version') or '0'
if expected == 'fresh' and version ~= '0' then return { version, 0 } end
if expected ~= 'fresh' and version ~= expected then
  return redis.error_reply('CONFIGURATION_CHANGED ' .. version .. ' ' .. expected)
end
local engine, target = open_engine(instance_key, now_us, actor), read_target(ARGV, REST + 1)
engine.version = tonumber(version) + 1
local refusal = refuse_removals(engine, target)
if refusal then return refusal end
if is_trial == '1' then return { version, 0 } end

redis.call('HSET', instance_key, unpack(target.instance['']))
engine.choices = redis.call('HGET', instance_key, 'choices')
local statuses_key = key_of(engine, 'statuses')
redis.call('DEL', statuses_key)
for name, values in pairs(target.status) do redis.call('HSET', statuses_key, name, values[1]) end
local skillsets_key = key_of(engine, 'skillsets')
redis.call('DEL', skillsets_key)
for name, values in pairs(target.skillset) do redis.call('HSET', skillsets_key, name, values[1]) end
local forgiving = apply_queues(engine, target)
local affected = apply_agents(engine, target, apply_profiles(engine, target))
local opened = open_queues(engine)
match_affected(engine, affected)
match(engine, opened)
for _, queue in ipairs(forgiving) do forget_refusals(engine, queue) end
return { tostring(redis.call('HINCRBY', instance_key, 'version', 1)), 1 }
