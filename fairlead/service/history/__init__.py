"""What has happened, checked: the stream of events, and what clients were told, against the rules.

A History is a recording, of a running instance or from a file. `check_history` replays it: each event must be possible
where the events before it have left contacts and agents, and the rules must choose what was chosen.
"""

from fairlead.service.history.checking import check_history
from fairlead.service.history.recorder import record_history
from fairlead.service.history.recording import History, Told, as_lines, read_history
from fairlead.service.history.values import Finding

__all__ = ["Finding", "History", "Told", "as_lines", "check_history", "read_history", "record_history"]
