-- forget_contact: what tells of the customer is erased from the record of a contact that has ended: attributes,
-- customer, headers, errors, what rules have read, and who served the customer last. What measures need stays. A push
-- of the same id is another contact's from now on.
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    id        str   the contact's id
-- ARGV    now_us    int   empty: Redis' time
-- ARGV    actor     str   who asks, for the events; empty: nobody says
-- REPLY   1
-- ERRORS  UNKNOWN_CONTACT id
-- ERRORS  NOT_ENDED id state
-- EMITS   contact.forgotten contact queue channel
-- KNOWS   ENDED
-- USES    open_engine read_contact key_of emit
-- FLAGS   allow-oom
local engine = open_engine(instance_key, now_us, actor)
local contact = read_contact(engine, id)
if not contact then return redis.error_reply('UNKNOWN_CONTACT ' .. id) end
if not ENDED[contact.state] then return redis.error_reply('NOT_ENDED ' .. id .. ' ' .. contact.state) end

local row = redis.call('HMGET', contact.key, 'digest', 'customer', 'intake')
if row[1] == '-' then return 1 end
if row[2] then redis.call('DEL', key_of(engine, 'served', row[2])) end
redis.call('HSET', contact.key, 'digest', '-')
if row[3] then redis.call('HSET', contact.key, 'intake', string.match(row[3], '^[^\n]*') .. '\n') end
redis.call('HDEL', contact.key, 'attributes', 'customer', 'headers', 'error')
redis.call('HDEL', key_of(engine, 'payloads'), id)
emit(engine, 'contact.forgotten', 'contact', id, 'queue', contact.queue, 'channel', contact.channel)
return 1
