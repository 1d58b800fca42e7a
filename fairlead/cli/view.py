"""What `fairlead top` shows of a snapshot, and how keys change it: the order, a filter, and where it is scrolled to."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, get_args

from rich.console import Group
from rich.text import Text

from fairlead.cli.tables import agent_lines, queue_lines, summary
from fairlead.service.snapshot import QueueMeasures, Snapshot
from fairlead.store.reading import AgentState

Order: TypeAlias = Literal["name", "load", "time"]
ORDERS: tuple[Order, ...] = get_args(Order)
"""load: most contacts first; time: the longest wait, or the longest time in a status, first."""

_STEPS = {"up": -1, "k": -1, "down": 1, "j": 1}


class View:
    """What the person at the terminal has chosen to see."""

    def __init__(self) -> None:
        self.order: Order = "name"
        self.filter = ""
        self.first = 0
        self._is_typing = False
        self._page = 1
        self._made: tuple[Snapshot, tuple[Order, str, int], list[Text]] | None = None

    def press(self, key: str) -> bool:
        """Do what a key stands for. False when it is the one that ends."""
        if self._is_typing:
            self._type(key)
        elif key == "q":
            return False
        elif key == "s":
            self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        elif key == "/":
            self._is_typing = True
        elif key == "escape":
            self.filter = ""
        else:
            self._scroll(key)
        return True

    def _type(self, key: str) -> None:
        if key in ("enter", "escape"):
            self._is_typing = False
            self.filter = self.filter if key == "enter" else ""
        elif key == "backspace":
            self.filter = self.filter[:-1]
        elif len(key) == 1 and key.isprintable():
            self.filter += key

    def _scroll(self, key: str) -> None:
        pages = {"page up": -self._page, "page down": self._page, " ": self._page}
        if key in ("home", "g"):
            self.first = 0
        elif key in ("end", "G"):
            self.first = 1_000_000
        else:
            self.first = max(0, self.first + _STEPS.get(key, pages.get(key, 0)))

    def screen(self, snapshot: Snapshot, rates: Mapping[str, float] | None, width: int, height: int) -> Group:
        """A screen of that size."""
        head = [*summary(snapshot, rates), Text()]
        body = self._body(snapshot, width)
        self._page = max(1, height - len(head) - 1)
        self.first = min(self.first, max(0, len(body) - self._page))
        shown = body[self.first : self.first + self._page]
        blank = [Text()] * (self._page - len(shown))
        return Group(*_clipped([*head, *shown, *blank, self._help(len(body))]))

    def _body(self, snapshot: Snapshot, width: int) -> list[Text]:
        """All lines; made once for a snapshot, so that keys which only scroll answer at once however many there are."""
        asked = (self.order, self.filter, width)
        if self._made is None or self._made[0] is not snapshot or self._made[1] != asked:
            queues = queue_lines(self._queues(snapshot), width)
            self._made = snapshot, asked, [*queues, Text(), *agent_lines(snapshot, self._agents(snapshot), width)]
        return self._made[2]

    def _queues(self, snapshot: Snapshot) -> list[QueueMeasures]:
        found = [one for one in snapshot.queue_measures() if self._is_wanted(one.queue, one.channel)]
        if self.order == "load":
            found.sort(key=lambda one: -one.in_queue)
        elif self.order == "time":
            found.sort(key=lambda one: -one.oldest_s)
        return found

    def _agents(self, snapshot: Snapshot) -> list[AgentState]:
        found = [one for one in snapshot.agents if self._is_wanted(one.name, one.profile, one.status, one.worker)]
        if self.order == "load":
            found.sort(key=lambda one: -len(one.slots))
        elif self.order == "time":
            found.sort(key=lambda one: one.status_us or snapshot.at_us)
        return found

    def _is_wanted(self, *texts: str) -> bool:
        return not self.filter or any(self.filter.lower() in text.lower() for text in texts)

    def _help(self, lines: int) -> Text:
        place = (
            "" if lines <= self._page else f"   lines {self.first + 1}-{min(lines, self.first + self._page)} of {lines}"
        )
        typed = f"{self.filter}_" if self._is_typing else self.filter or "none"
        return Text(f"q quit   s sort: {self.order}   / filter: {typed}   arrows scroll{place}", style="reverse")


def _clipped(lines: Sequence[Text]) -> list[Text]:
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return list(lines)
