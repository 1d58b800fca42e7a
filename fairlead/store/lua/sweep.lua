-- sweep: do what has come due: offers, sessions, after-contact work and kept slots that end; contacts that start,
-- expire or whose routing step ends; queues that open or close; delays that have passed; contacts that have waited too
-- long. Guards the engine's clock: when Redis' time has moved otherwise than the sweeper's own monotonic clock, the
-- engine's offset takes up the difference, so that no lease and no wait notices a clock that was set (judge_clock), and
-- then wears off (melt).
-- KEYS    instance    hash  the instance's stamp and settings
-- KEYS    due         zset  due times
-- KEYS    delayed     set   the pools whose profile has an entry with a delay: "profile channel"
-- ARGV    told_us     int   Redis' time at this sweeper's last sweep, as that told it; empty: there is none
-- ARGV    least_us    int   at least so long ago was that by the sweeper's monotonic clock
-- ARGV    judged_us   int   when the clock had been judged last, as that told it
-- ARGV    jump_us     int   how far the clock was set forward between this sweeper's last two sweeps; 0: it was not
-- ARGV    now_us      int   empty: Redis' time
-- ARGV*   calendar    str   the calendar that the sweep before asked for, as carry_on takes it
-- REPLY   Redis' time in us, empty when the next sweep must not refer to it; when the clock was judged last; how many
--         things came due; whether more are due, or the clock is to be judged (0 or 1); then, of hours of operation
--         whose calendar the next sweep shall bring: their name, their text, and the engine's time in us
-- KNOWS   CONTACTS_AT_ONCE STARTS_AT_ONCE
-- USES    open_engine text_of judge_clock settle_clock regain keep_anew all_then_match carry_on catch_up come_due
--         close_minutes is_behind fill read_agent read_due relieve skip_tracks spent
-- FLAGS   allow-oom
local OFTEN_ENOUGH_US, is_more = 500000, false
local engine = open_engine(instance_key, now_us)
local row = redis.call('HMGET', instance_key, 'swept_us', 'relieved', 'judged_us', 'relieving')
local swept_us, clock, is_settled, is_known = tonumber(row[1]) or 0, engine.clock, true, false
if clock then
  clock.judged_us = row[3] or ''
  is_settled, is_known = judge_clock(engine, {
    told_us = told_us, least_us = least_us, judged_us = judged_us, jump_us = jump_us,
  })
  if is_settled then
    settle_clock(engine)
  elseif is_known and not clock.is_doubted then  -- others believe a time at which this sweep must not end anything yet
    return { text_of(clock.raw_us), clock.judged_us, 0, 1 }
  end
end

if not engine.kept.mark and engine.kept.version then keep_anew(engine) end  -- configured by an edition without marks

local passed_us = math.abs(engine.now_us - swept_us)
local is_full = passed_us >= OFTEN_ENOUGH_US
local regained = redis.call('HGET', instance_key, 'regained')
local function first_due(many)
  return redis.call('ZRANGE', due_key, '-inf', text_of(engine.now_us), 'BYSCORE', 'LIMIT', 0, many, 'WITHSCORES')
end
local late, back = regained and first_due(CONTACTS_AT_ONCE) or {}, {}
for place = 1, #late, 2 do  -- all first: a lost session takes others of its holder with it
  local kind, name = read_due(late[place])
  local is_back = regain(engine, regained, kind, name, tonumber(late[place + 1]))
  if is_back and kind == 'session' then back[#back + 1] = name end
end
local done = 0
all_then_match(engine, function()
  for _, name in ipairs(back) do fill(engine, read_agent(engine, name)) end  -- nothing was given to it meanwhile
  if ARGV[REST + 1] then carry_on(engine, ARGV, REST) end
  local first = first_due(1)
  while first[1] do  -- one by one: what came before may have ended the next, put it off, or brought it
    local kind, name = read_due(first[1])
    local due_us = tonumber(first[2])
    done = done + 1
    if not (regained and kind == 'expiry' and regain(engine, regained, kind, name, due_us)) then
      redis.call('ZREM', due_key, first[1])
      come_due(engine, kind, name, due_us)
    end
    first = first_due(1)
    -- who starts and finds no room waits for the match
    if spent() or #engine.later.starts == STARTS_AT_ONCE then
      is_more = first[1] ~= nil
      engine.is_behind = is_more and #engine.later.starts == 0
      break
    end
  end
  if not engine.is_behind then catch_up(engine) end
  for _, pool in ipairs(is_full and redis.call('SMEMBERS', delayed_key) or {}) do
    table.insert(engine.later.pools, { string.match(pool, '(%S+) (%S+)') })
  end
end)
is_more = is_more or is_behind(engine) or is_known and not is_settled
if is_full then redis.call('HSET', instance_key, 'swept_us', text_of(engine.now_us)) end
local is_busy = is_more and spent()
if not is_busy and close_minutes(engine) then is_more = true end
local last = row[4] or is_full and ''  -- a round of the queues that relieve goes on where the sweep before has stopped
if last then
  local stopped_at, before = is_busy and last, last
  engine.catches_up = false  -- what others have left has had its turn
  all_then_match(engine, function()
    for queue in string.gmatch(row[2] or '', '%S+') do
      if queue > last and not stopped_at then
        if relieve(engine, queue) then stopped_at = before elseif spent() then stopped_at = queue end
      end
      before = queue
    end
  end)
  if stopped_at then
    is_more = true
    redis.call('HSET', instance_key, 'relieving', stopped_at)
  else
    local is_left = engine.tracked ~= ' ' and skip_tracks(engine)
    is_more = is_more or is_left
    if is_left then redis.call('HSET', instance_key, 'relieving', '~') end  -- after every queue
    if not is_left and row[4] then redis.call('HDEL', instance_key, 'relieving') end
  end
end
local asks = engine.asks or {}
return { is_known and text_of(clock.raw_us) or '', clock and clock.judged_us or '', done,
  (is_more or engine.asks) and 1 or 0, unpack(asks) }
