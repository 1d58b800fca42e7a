-- note_turn: a contact of a queue that chooses in turn is given to an agent: whose turn is next follows from that.
-- USES is_word key_of
local function note_turn(engine, agent, contact)
  if not is_word(engine.choices, contact.queue .. '=round_robin') then return end
  redis.call('HSET', key_of(engine, 'turns'), contact.queue, agent.name)
end
