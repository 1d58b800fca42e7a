-- read_intake: what the rules of an intake ask of the state, in one look; and the rules, when the caller does not know
-- them as they are now. Changes nothing.
-- KEYS    instance  hash  the instance's stamp and settings
-- KEYS    objects   hash  the versions of objects
-- KEYS    intakes   hash  the rules of intakes
-- ARGV    intake    str   what it is called
-- ARGV    known     str   the version and the digest that the caller knows; empty: none
-- ARGV    channel   str   the contact's channel
-- ARGV    now_us    int   empty: Redis' time
-- ARGV*   queue     str   a queue that the rules ask about
-- ARGV*   fields    str   what they ask of it, in words
-- REPLY   the engine's time; the intake's version and digest, empty when it is not there; its rules as JSON, empty when
--         they are known, else nothing follows; then for each queue what was asked, in words, "-" for what it lacks
-- USES    object_of open_engine see_queue text_of
-- FLAGS   allow-oom no-writes
local engine = open_engine(instance_key, now_us, '', true)
local version = string.match(redis.call('HGET', objects_key, object_of('intake', intake)) or '', '^%d+ %S+') or ''
local text = version ~= known and redis.call('HGET', intakes_key, intake) or ''
local reply = { text_of(engine.now_us), version, text }
if text ~= '' then return reply end
for at = REST + 1, #ARGV, 2 do
  local words = {}
  for field in string.gmatch(ARGV[at + 1], '%S+') do words[#words + 1] = field end
  local seen = see_queue(engine, ARGV[at], channel, words)
  for place, field in ipairs(words) do words[place] = seen[field] and text_of(seen[field]) or '-' end
  reply[#reply + 1] = table.concat(words, ' ')
end
return reply
