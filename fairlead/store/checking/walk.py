"""Takes the rules through all keys of an instance, in small steps: never KEYS, never a whole line at once.

Each key is looked at by itself, and each member of the keys that index others; so what is missing is found from the
record that should be there, and what is left over from the place where it stands.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from fairlead.store.checking import agents, configured, contacts, lines
from fairlead.store.checking.claims import text
from fairlead.store.checking.moments import Finding, Subject, find_suspects, settle
from fairlead.store.keys import FAMILIES, Keys
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure
from fairlead.store.reading.finding import pattern_of

MOST_FINDINGS = 200
"""After so many findings the rest is not examined: something has happened to the whole instance."""

KEYS_A_STEP = 500
MEMBERS_A_STEP = 200
SUBJECTS_A_LOOK = 100
PAYLOADS_A_STEP = 20
"""A payload may be as long as 64 KiB, and comes with its name."""

Progress = Callable[[int, int], None]
"""Gets how many keys and members have been seen, and how many there are as far as is known."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found about how many keys and members of them. `is_whole`: whether it was all that there is."""

    seen: int
    findings: tuple[Finding, ...]
    is_whole: bool


@procedure
def examine_state(source: Source, progress: Progress | None = None, most: int = MOST_FINDINGS) -> Steps[Examined]:
    """Compare everything in the instance with everything else that must agree with it, while work goes on.

    What differs is looked at again at one moment, and at the end once more: only what stays different is told. After
    about `most` findings the rest is not examined. It needs a user who may SCAN.
    """
    walk = _Walk(source, progress)
    yield from walk.look([Subject(configured.special, ()), Subject(agents.skillsets, ()), Subject(lines.apart, ())])
    cursor, looking = "0", ("MATCH", f"{pattern_of(source.keys.prefix)}*", "COUNT", KEYS_A_STEP)
    while len(walk.found) < most:
        at, keys = yield from ask_one("SCAN", cursor, *looking)
        cursor = str(int(at))
        yield from walk.through(sorted(key.decode().removeprefix(source.keys.prefix) for key in keys))
        if cursor == "0":
            break
    findings: list[Finding] = []
    for subject in walk.found:
        findings += yield from settle(source, subject)
    return Examined(walk.seen, tuple(dict.fromkeys(findings)), cursor == "0")


class _Walk:
    """What has been seen until now, and what was found: subjects about which something is wrong."""

    def __init__(self, source: Source, progress: Progress | None) -> None:
        self._source, self._progress = source, progress
        self.seen, self._known = 0, 0
        self.found: dict[Subject, None] = {}

    def through(self, names: Sequence[str]) -> Steps[None]:
        """Look at keys, by their names without the prefix, and at their members."""
        keys, clock = self._source.keys, self._source.clock
        now_us = str(clock()) if clock else ""
        kinds = yield from ask_each(("TYPE", keys.prefix + name) for name in names)
        subjects: list[Subject] = []
        self._known += len(names)
        for name, kind in zip(names, kinds, strict=True):
            if text(kind) not in (FAMILIES.get(name.partition(":")[0]), "none"):
                subjects.append(Subject(_of_its_type, (name,)))
                continue
            subjects += _of_key(name, now_us)
            if name.partition(":")[0] in _INDEXES:
                yield from self._through_members(name)
        self._advance(len(names))
        yield from self.look(subjects)

    def _through_members(self, name: str) -> Steps[None]:
        key, cursor = self._source.keys.prefix + name, "0"
        family, _, of = name.partition(":")
        scan, rule = _INDEXES[family]
        count = PAYLOADS_A_STEP if family == "payloads" else MEMBERS_A_STEP
        self._known += yield from ask_one(_COUNTS[scan], key)
        while True:
            at, reply = yield from ask_one(scan, key, cursor, "COUNT", count)
            cursor, members = str(int(at)), _names_in(reply)
            self._advance(len(members))
            yield from self.look([Subject(rule, (of, member) if of else (member,)) for member in members])
            if cursor == "0":
                return

    def _advance(self, by: int) -> None:
        self.seen += by
        if self._progress:
            self._progress(self.seen, max(self.seen, self._known))

    def look(self, subjects: Sequence[Subject]) -> Steps[None]:
        """Look at subjects, some at a time, and for certain at what seems to be wrong."""
        for first in range(0, len(subjects), SUBJECTS_A_LOOK):
            some = dict.fromkeys(subjects[first : first + SUBJECTS_A_LOOK])
            for suspect in (yield from find_suspects(self._source, some)):
                if (yield from settle(self._source, suspect)):
                    self.found[suspect] = None


_INDEXES: dict[str, tuple[str, Callable[..., Steps[list[Finding]]]]] = {
    "waiting": ("ZSCAN", contacts.waiting), "offered": ("ZSCAN", contacts.offered), "due": ("ZSCAN", contacts.due),
    "parked": ("ZSCAN", contacts.parked), "payloads": ("HSCAN", contacts.payload), "aside": ("HSCAN", lines.aside),
    "online": ("SSCAN", agents.online), "holder": ("SSCAN", agents.holder), "available": ("ZSCAN", agents.available),
    "servers": ("HSCAN", configured.server), "delayed": ("SSCAN", configured.delayed),
    "owned": ("SSCAN", agents.owned), "calendars": ("HSCAN", configured.calendar),
    "queues": ("SSCAN", partial(configured.named, family="queue")),
    "profiles": ("SSCAN", partial(configured.named, family="profile")),
    "agents": ("SSCAN", partial(configured.named, family="agent")),
}  # fmt: skip
"""The families whose members are gone through: how, and the rule about each of them, by what the key is of."""

_COUNTS = {"SSCAN": "SCARD", "ZSCAN": "ZCARD", "HSCAN": "HLEN"}


def _names_in(reply: object) -> list[str]:
    """The members that a step has come by: of a hash its fields, of a sorted set what has scores."""
    if isinstance(reply, dict):
        return [text(name) or "" for name in reply]
    members = list(reply)  # type: ignore[call-overload]
    return [text(one[0] if isinstance(one, tuple) else one) or "" for one in members]


def _of_its_type(keys: Keys, name: str) -> Steps[list[Finding]]:
    """A key is of a family that Fairlead knows, and of that family's type."""
    kind = text((yield from ask_one("TYPE", keys.prefix + name)))
    expected = FAMILIES.get(name.partition(":")[0])
    if kind in (expected, "none"):
        return []
    should = f"a {expected}" if expected else "no key: Fairlead has none of that name"
    return [Finding(keys.prefix + name, f"a {kind}", should, contacts.REMOVE_IT)]


def _of_key(name: str, now_us: str) -> Iterator[Subject]:
    """The rules about a key itself. `now_us`: empty: Redis' time."""
    family, *parts = name.split(":")
    whole = name.partition(":")[2]
    if family == "contact":
        yield Subject(contacts.contact, (whole,))
    elif family == "agent":
        yield Subject(agents.agent, (whole,))
    elif family == "profile":
        yield Subject(configured.profile, (whole,))
        yield Subject(agents.present, (whole,))
    elif family == "present":
        yield Subject(agents.present, (whole,))
    elif family == "queue":
        yield Subject(configured.queue, (whole,))
    elif family == "waiting":
        yield Subject(lines.aside, (":".join(parts[:2]),))
        yield from [Subject(lines.matched, (*parts, now_us))] if len(parts) == 2 else []
    elif family == "tracks":
        yield Subject(lines.tracks, tuple(parts))
    elif family == "oldest":
        yield Subject(lines.oldest, (whole,))
    elif family in _PASSING:
        yield Subject(configured.ends, (name,))


_PASSING = ("inbox", "served", "minute", "staged", "answer")
