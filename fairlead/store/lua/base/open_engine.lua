-- open_engine: the engine's time, its rising stamp and its settings, read once for each run of a script.
-- `given_now_us` is empty but for tests and simulation, which bring their own time; else it is Redis' time, which is
-- not believed when it is not what the last sweep lets expect (read_clock): a clock that was set must not get into
-- leases and waits before a sweep has judged it. `actor` is who asks, as events tell it; nil or empty: nobody says.
-- A script that `only_reads` notes no doubt. `agents` holds each agent that the script has read, so that all its parts
-- see and change the same one. What is in use in few instances stands in one field, `special` (save_special).
-- KNOWS ENDED_RETENTION_S EVENTS_KEPT
-- USES kept_of read_clock
local function open_engine(instance_key, given_now_us, actor, only_reads)
  local row = redis.call('HMGET', instance_key, 'stamp', 'offset_us', 'special', 'minute', 'clock_us', 'version',
    'mark')
  local kept = kept_of(instance_key, row[6], row[7])
  if not kept.events_kept then
    local settings = redis.call('HMGET', instance_key, 'ended_retention_s', 'events_kept')
    kept.ended_retention_s, kept.events_kept = settings[1] or ENDED_RETENTION_S, settings[2] or EVENTS_KEPT
  end
  local engine = {
    instance_key = instance_key, prefix = string.sub(instance_key, 1, -#'instance' - 1),
    now_us = tonumber(given_now_us), stamp = tonumber(row[1]) or 0, actor = actor or '',
    is_special = row[3] and true or false, tracked = ' ', closed = ' ', choices = ' ', lost = ' ',
    minute = row[4] or '', only_reads = only_reads or false, agents = {}, rows = {}, kept = kept,
    written_us = '', written = '', minute_key = '',  -- made with room for what a turn notes
  }
  if row[3] then
    engine.tracked, engine.closed, engine.choices, engine.lost = string.match(row[3], '^(.*)\n(.*)\n(.*)\n(.*)$')
  end
  if not engine.now_us then engine.now_us, engine.clock = read_clock(engine, row[2], row[5]) end
  return engine
end
