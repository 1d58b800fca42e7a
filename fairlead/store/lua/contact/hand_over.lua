-- hand_over: give a waiting contact to an agent by hand, past its profile's entries and slots; `at_once`: connected
-- without being offered.
-- USES assign place_of reindex
local function hand_over(engine, agent, contact, at_once)
  local chosen = {
    id = contact.id, queue = contact.queue, channel = contact.channel, track = contact.track, place = place_of(contact),
    priority = tonumber(contact.priority), rank = contact.rank, queued_us = tonumber(contact.queued_us),
    again_us = contact.again_us,
  }
  local accepts = agent.auto_accept
  agent.auto_accept = accepts or at_once
  assign(engine, agent, chosen)
  agent.auto_accept = accepts
  reindex(engine, agent)
end
