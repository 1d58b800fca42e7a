-- end_part: an agent's part in a contact is over, however it has ended: its time is handled time of the agent and of
-- the queue that the contact came from, and the agent's availability clock starts anew. `is_unfinished`: the contact
-- goes on elsewhere. An offer is no part.
-- USES bucket_of count now_text restart_clock
-- RARELY key_of
local function end_part(engine, agent, slot, is_unfinished)
  local connected_us = tonumber(slot.connected_us)
  if not connected_us then return end
  local handled_us, pair = engine.now_us - connected_us, slot.queue .. ':' .. slot.channel
  count(engine, pair, 'h' .. bucket_of(handled_us))
  count(engine, pair, 'handle_us', handled_us)
  count(engine, agent.name, 'handled')
  count(engine, agent.name, 'handle_us', handled_us)
  if is_unfinished then count(engine, pair, 'unfinished') end
  local direction = agent.has_inbound_timer and redis.call('HGET', key_of(engine, 'contact', slot.contact), 'direction')
  restart_clock(agent, { direction = direction }, now_text(engine))
end
