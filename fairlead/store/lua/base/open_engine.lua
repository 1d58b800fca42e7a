-- open_engine: the engine's time, its rising stamp and its settings, read once for each run of a script.
-- `given_now_us` is empty but for tests and simulation, which bring their own time; else it is Redis' time, which is
-- not believed when it is not what the last sweep lets expect (read_clock): a clock that was set must not get into
-- leases and waits before a sweep has judged it. `actor` is who asks, as events tell it; nil or empty: nobody says.
-- A script that `only_reads` notes no doubt. `agents` holds each agent that the script has read, so that all its parts
-- see and change the same one.
-- KNOWS ENDED_RETENTION_S EVENTS_KEPT MEASURES_KEPT_S
-- USES read_clock
local function open_engine(instance_key, given_now_us, actor, only_reads)
  local row = redis.call('HMGET', instance_key, 'stamp', 'offset_us', 'ended_retention_s', 'events_kept', 'tracked',
    'closed', 'choices', 'minute', 'measures_kept_s', 'closed_minute', 'clock_us', 'doubt', 'lost')
  local engine = {
    instance_key = instance_key,
    prefix = string.match(instance_key, '^(.*:)'),
    now_us = tonumber(given_now_us),
    stamp = tonumber(row[1]) or 0,
    ended_retention_s = row[3] or ENDED_RETENTION_S,
    events_kept = row[4] or EVENTS_KEPT,
    tracked = row[5] or ' ',
    closed = row[6] or ' ',
    choices = row[7] or ' ',
    minute = tonumber(row[8]) or 0,
    measures_kept_s = row[9] or MEASURES_KEPT_S,
    closed_minute = tonumber(row[10]) or 0,
    lost = row[13] or ' ',
    actor = actor or '',
    only_reads = only_reads or false,
    agents = {},
  }
  if not engine.now_us then engine.now_us, engine.clock = read_clock(engine, row[2], row[11], row[12]) end
  return engine
end
