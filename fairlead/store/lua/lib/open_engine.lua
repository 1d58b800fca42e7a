-- open_engine: the engine's time, its rising stamp and its settings, read once for each run of a script.
-- `given_now_us` is empty but for tests and simulation, which bring their own time. `agents` holds each agent that the
-- script has read, so that all its parts see and change the same one.
local function open_engine(instance_key, given_now_us)
  local row = redis.call('HMGET', instance_key, 'stamp', 'offset_us', 'ended_retention_s', 'events_kept', 'laned',
    'closed', 'choices', 'minute', 'measures_kept_s', 'closed_minute')
  local now_us = tonumber(given_now_us)
  if not now_us then
    local clock = redis.call('TIME')
    now_us = tonumber(clock[1]) * 1000000 + tonumber(clock[2]) + (tonumber(row[2]) or 0)
  end
  return {
    instance_key = instance_key,
    prefix = string.match(instance_key, '^(.*:)'),
    now_us = now_us,
    stamp = tonumber(row[1]) or 0,
    ended_retention_s = row[3] or '3600',
    events_kept = row[4] or '100000',
    laned = row[5] or ' ',
    closed = row[6] or ' ',
    choices = row[7] or ' ',
    minute = tonumber(row[8]) or 0,
    measures_kept_s = row[9] or '172800',
    closed_minute = tonumber(row[10]) or 0,
    agents = {},
  }
end
