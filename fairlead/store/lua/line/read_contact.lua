-- read_contact: a contact's record as a table, or nil when there is none. One that rings at several agents has `agent`
-- and `token` of the first, and the others in `rings`: "agent token;" for each.
-- USES key_of
local function read_contact(engine, id)
  local record_key = key_of(engine, 'contact', id)
  local row = redis.call('HMGET', record_key, 'state', 'queue', 'channel', 'priority', 'rank', 'queued_us', 'attempts',
    'agent', 'token', 'connected_us', 'track', 'criteria', 'step', 'step_us', 'refused', 'unanswered', 'expires_us',
    'direction', 'customer', 'chain_length', 'callback', 'age_us', 'answered', 'again_us', 'waited_in', 'raised',
    'entered_us', 'rings')
  if not row[1] then return nil end
  return {
    id = id, key = record_key, state = row[1], queue = row[2], channel = row[3], priority = row[4], rank = row[5],
    queued_us = row[6] or row[5], attempts = tonumber(row[7]) or 0, agent = row[8], token = row[9],
    connected_us = tonumber(row[10]), track = row[11] or '', criteria = row[12], step = tonumber(row[13]) or 1,
    step_us = tonumber(row[14]) or 0, refused = row[15], unanswered = tonumber(row[16]) or 0, expires_us = row[17],
    direction = row[18] or 'inbound', customer = row[19], chain_length = tonumber(row[20]) or 1, callback = row[21],
    age_us = tonumber(row[22]) or 0, answered = row[23], again_us = row[24], waited_in = row[25] or '',
    is_raised = row[26] == '1',
    entered_us = tonumber(row[27] or row[6] or row[5]), rings = row[28],
  }
end
