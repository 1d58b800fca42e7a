-- work_off: do some of what others have left to be done: staged changes are made, sessions of dead holders end, agents
-- are indexed anew, agents and contacts are matched. Who has changed much asks until nothing is left; else who sweeps
-- does it.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   whether more is left (0 or 1)
-- USES    all_then_match catch_up is_behind open_engine
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us)
if not is_behind(engine) then return 0 end
all_then_match(engine, function() catch_up(engine) end)
return (engine.is_behind or is_behind(engine)) and 1 or 0
