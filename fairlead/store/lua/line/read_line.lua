-- read_line: the queue, channel and track of a line, as its name has them; the track is empty for the plain one.
local function read_line(line)
  return string.match(line, '^([^:]+):(%l+):?(.*)$')
end
