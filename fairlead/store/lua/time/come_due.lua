-- come_due: one due time has come; `kind` says of what, `name` whose, `due_us` when it was. Within all_then_match.
-- USES calendar_due expiry_due hours_due line_due miss_offer own_due read_contact ring_due session_due slot_due
--      start_contact step_due survey_due
local function come_due(engine, kind, name, due_us)
  if kind == 'session' then return session_due(engine, name, due_us) end
  if kind == 'hours' then return hours_due(engine) end
  if kind == 'calendar' then return calendar_due(engine, name) end
  if kind == 'own' then return own_due(engine, name) end
  if kind == 'slot' then return slot_due(engine, name) end
  if kind == 'ring' then return ring_due(engine, name) end
  if kind == 'line' then return line_due(engine, name) end
  if kind == 'survey' then return survey_due(engine, name, due_us) end
  local contact = read_contact(engine, name)
  if not contact then return end
  if kind == 'offer' and contact.state == 'offered' then return miss_offer(engine, contact) end
  if kind == 'start' and contact.state == 'scheduled' then return start_contact(engine, contact) end
  if kind == 'expiry' then return expiry_due(engine, contact) end
  if kind == 'step' or kind == 'pause' then return step_due(engine, contact) end
end
