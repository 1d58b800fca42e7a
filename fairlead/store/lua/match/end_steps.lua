-- end_steps: routing steps, pauses and refusals whose time has passed are over by the clock, whether anybody has swept
-- or not: those contacts stand where they belong before anything is decided. Once in a script. Whoever else may take
-- them now is left to whoever sweeps.
-- KNOWS STEPS_AT_ONCE
-- USES enter_line key_of leave_line leave_unmatched place_of read_contact read_due servers_of text_of
local function end_steps(engine)
  local pools, owners = {}, {}
  if engine.has_ended_steps then return end
  engine.has_ended_steps = true
  local due_key = key_of(engine, 'due')
  local due = redis.call('ZRANGE', due_key, '-inf', text_of(engine.now_us), 'BYSCORE', 'LIMIT', 0, STEPS_AT_ONCE)
  for _, member in ipairs(due) do
    local kind, name = read_due(member)
    local contact = (kind == 'step' or kind == 'pause') and read_contact(engine, name)
    if contact and contact.state == 'queued' then
      redis.call('ZREM', due_key, member)
      leave_line(engine, contact.queue, contact.channel, contact.track, place_of(contact))
      enter_line(engine, contact)
      for _, server in ipairs(servers_of(engine, contact.queue, contact.channel, math.huge)) do
        pools[#pools + 1] = { server[1], contact.channel }
      end
      owners[#owners + 1] = string.match(contact.queue, '^@(.+)$')
    end
  end
  leave_unmatched(engine, pools, owners)
end
