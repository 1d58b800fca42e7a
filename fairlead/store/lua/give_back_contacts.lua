-- give_back_contacts: contacts that the agent cannot finish go back to their place in line. One that has failed pauses
-- there, longer with each attempt, and is parked after the queue's max_attempts. A contact whose token is not the given
-- one is left alone and named in the reply.
-- SESSION
-- ARGV    reason    str   failed or released
-- ARGV*   contact   str   the contact's id
-- ARGV*   token     int   its fencing token
-- ARGV*   error     str   what went wrong: type and place, never a byte of the payload
-- KNOWS   HELD
-- USES    all_then_match free_slot read_contact requeue
-- FLAGS   allow-oom
local told, is_told = string.match(redis.call('HGET', agent.key, 'fenced') or '', '^' .. op .. ' (.+)$') or '', {}
if not agent.is_new then  -- a repetition: what was fenced then is so again, whatever has become of it
  for id in string.gmatch(told, '%S+') do fenced[#fenced + 1], is_told[id] = id, true end
end
all_then_match(engine, function()
  for place = REST + 1, #ARGV, 3 do
    local contact, token = read_contact(engine, ARGV[place]), ARGV[place + 1]
    if agent.is_new and contact and contact.token == token and contact.agent == name and HELD[contact.state] then
      free_slot(engine, name, token)
      requeue(engine, contact, 'contact.requeued', reason, ARGV[place + 2])
      if contact.state == 'parked' then parked[#parked + 1] = contact.id end
    elseif not agent.is_new and contact and contact.state == 'parked' and not is_told[contact.id] then
      parked[#parked + 1] = contact.id
    elseif agent.is_new then
      fenced[#fenced + 1] = ARGV[place]
    end
  end
end)
if agent.is_new and #fenced > 0 then
  redis.call('HSET', agent.key, 'fenced', op .. ' ' .. table.concat(fenced, ' '))
end
