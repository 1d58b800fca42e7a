-- kept_of: what scripts have read of the configuration and made ready for use, as long as it is the same: `profiles`
-- (profile_of), `terms` (terms_of) and `servers` (servers_of), each by its name. It stands in F, the table of all
-- functions, which a library makes once, so that its next runs find it, by the configuration's version and its mark,
-- which is another one after each change wherever it is made (keep_anew). A script makes F anew each time, and where
-- there is no mark yet, nothing is kept either.
-- KNOWS KEPT_INSTANCES
local function kept_of(instance_key, version, mark)
  local of_instances = F.of_instances or {}
  F.of_instances = of_instances
  local kept = of_instances[instance_key]
  if kept and mark and kept.mark == mark and kept.version == version then return kept end
  kept = { version = version, mark = mark, profiles = {}, terms = {}, servers = {} }
  if not mark then return kept end
  local many = 0
  for _ in pairs(of_instances) do many = many + 1 end
  if many >= KEPT_INSTANCES then
    for key in pairs(of_instances) do of_instances[key] = nil end
  end
  of_instances[instance_key] = kept
  return kept
end
