-- tell_given: say that an agent has been given a contact: it is connected, or is asked whether it takes it. The slot
-- keeps what its session is to be told of the contact (`told`), until the script ends.
-- EMITS contact.connected contact queue channel agent token attempt profile profile_version entry_priority waited_us
--         deadline_us
-- EMITS contact.offered contact queue channel agent token attempt profile profile_version entry_priority waited_us
--         deadline_us
-- USES emit text_of
local function tell_given(engine, agent, contact, token)
  agent.slots[#agent.slots].told = contact
  emit(engine, 'contact.' .. contact.state, 'contact', contact.id, 'queue', contact.queue, 'channel', contact.channel,
    'agent', agent.name, 'token', token, 'attempt', contact.attempts + 1, 'profile', agent.profile,
    'profile_version', agent.profile_version, 'entry_priority', contact.entry_priority or 'by_hand',
    'waited_us', text_of(engine.now_us - contact.queued_us), 'deadline_us', contact.deadline_us)
end
