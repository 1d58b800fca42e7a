-- count: add to a counter of a queue and channel.
-- USES key_of text_of
local function count(engine, contact, counter, by)
  redis.call('HINCRBY', key_of(engine, 'totals', contact.queue, contact.channel), counter, text_of(by or 1))
end
