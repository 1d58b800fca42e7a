-- holds_contact: whether a slot of this kind stands for a contact that is with the agent. A missed or failed offer's is
-- with somebody else, and one in after-contact work needs nothing more of the agent's program.
-- KNOWS WITH_AGENT
local function holds_contact(kind)
  return WITH_AGENT[kind] or false
end
