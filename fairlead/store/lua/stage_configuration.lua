-- stage_configuration: some changes of a configuration that is too much for one script are put aside until all are
-- there and are applied together (apply_configuration). What is in use cannot be removed.
-- KEYS    instance  hash  the instance's stamp, version and settings
-- KEYS    staged    list  the changes that have been put aside
-- ARGV    place     int   how many were put aside before; tells a repetition
-- ARGV*   kind      str   queue, profile, ...
-- ARGV*   name      str   what it is called
-- ARGV*   group     str   the change as apply_configuration takes it, each value after its length and ":"; empty: none,
--                         it is asked whether the object may be removed
-- REPLY   1
-- ERRORS  QUEUE_IN_USE queue
-- ERRORS  AGENT_IN_USE agent
-- USES    in_use
local STAGED_S, engine, groups = 600, { prefix = string.match(instance_key, '^(.*:)') }, {}
for at = REST + 1, #ARGV, 3 do
  local kind, name, group = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if group ~= '' then
    groups[#groups + 1] = group
  elseif in_use(engine, kind, name) then
    return redis.error_reply((kind == 'queue' and 'QUEUE_IN_USE ' or 'AGENT_IN_USE ') .. name)
  end
end
if #groups == 0 or redis.call('LLEN', staged_key) > tonumber(place) then return 1 end

redis.call('RPUSH', staged_key, unpack(groups))
redis.call('EXPIRE', staged_key, STAGED_S)
return 1
