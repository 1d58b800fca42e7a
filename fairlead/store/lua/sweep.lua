-- sweep: do what has come due: offers, sessions, after-contact work and kept slots that end; contacts that start, expire or
-- whose routing step ends; queues that open or close; delays that have passed; contacts that have waited too long.
-- Guards the engine's clock: when Redis' time has moved otherwise than the sweeper's own monotonic clock, the engine's
-- offset takes up the difference, so that no lease and no wait notices a clock that was set. The offset then melts
-- away by a twentieth of the time that passes.
-- KEYS    instance    hash  the instance's stamp and settings
-- KEYS    due         zset  due times
-- KEYS    delayed     set   the crews whose profile has an entry with a delay: "profile channel"
-- ARGV    seen_us     int   the engine's time at this sweeper's last sweep; empty: this is its first
-- ARGV    elapsed_us  int   how long ago that was by the sweeper's monotonic clock
-- ARGV    now_us      int   empty: Redis' time
-- REPLY   the engine's time in us, how many things came due, whether more are due (0 or 1)
-- USES    open_engine text_of all_then_match come_due close_minutes relieve skip_lanes match
-- FLAGS   allow-oom
local LARGEST_DRIFT_US, MOST, OFTEN_ENOUGH_US = 2000000, 100, 500000
local engine = open_engine(instance_key, now_us)
local row = redis.call('HMGET', instance_key, 'offset_us', 'swept_us', 'relieved')
local offset_us, swept_us = tonumber(row[1]) or 0, tonumber(row[2]) or 0
local function shift_clock(shift_us)
  offset_us = offset_us + shift_us
  engine.now_us = engine.now_us + shift_us
  redis.call('HSET', instance_key, 'offset_us', text_of(offset_us))
end
if now_us == '' and seen_us ~= '' then
  local jump_us = engine.now_us - tonumber(seen_us) - tonumber(elapsed_us)
  if math.abs(jump_us) > LARGEST_DRIFT_US then shift_clock(-jump_us) end
end

local due = redis.call('ZRANGE', due_key, '-inf', text_of(engine.now_us), 'BYSCORE', 'LIMIT', 0, MOST)
all_then_match(engine, function()
  for _, member in ipairs(due) do
    local kind, name = string.match(member, '^(%a+):(.+)$')
    local due_us = tonumber(redis.call('ZSCORE', due_key, member) or math.huge)
    if due_us <= engine.now_us then  -- what came before may have ended it, or put it off
      redis.call('ZREM', due_key, member)
      come_due(engine, kind, name, due_us)
    end
  end
end)
local is_more = #due == MOST
if math.abs(engine.now_us - swept_us) >= OFTEN_ENOUGH_US then
  redis.call('HSET', instance_key, 'swept_us', text_of(engine.now_us))
  local melts_us = math.min(math.abs(offset_us), math.min(math.abs(engine.now_us - swept_us), LARGEST_DRIFT_US) / 20)
  if melts_us > 0 then shift_clock(offset_us > 0 and -melts_us or melts_us) end
  close_minutes(engine)
  for queue in string.gmatch(row[3] or '', '%S+') do
    if relieve(engine, queue, MOST) then is_more = true end
  end
  if engine.laned ~= ' ' and skip_lanes(engine, MOST) then is_more = true end
  local crews = {}
  for _, crew in ipairs(redis.call('SMEMBERS', delayed_key)) do
    crews[#crews + 1] = { string.match(crew, '(%S+) (%S+)') }
  end
  match(engine, crews)
end
return { text_of(engine.now_us), #due, is_more and 1 or 0 }
