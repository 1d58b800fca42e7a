-- holds_contact: whether a slot of this kind stands for a contact that is with the agent. A missed or failed offer's is
-- with somebody else, and one in after-contact work needs nothing more of the agent's program.
local function holds_contact(kind)
  return kind ~= 'missed' and kind ~= 'error' and kind ~= 'acw'
end
