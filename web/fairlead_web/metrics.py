"""The snapshot in Prometheus' text format.

An instance with a thousand queues has more than a hundred thousand samples, for which the client library's objects take
seconds; so the lines are written as they are.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import accumulate

from fairlead.domain.measures import completed, histograms
from fairlead.service.snapshot import AgentMeasures, Snapshot
from fairlead.store.reading import QueueState

COUNTERS = {
    "queued": "Contacts that were enqueued",
    "offers": "Offers that were made to be answered",
    "missed": "Offers that were not answered",
    "rejected": "Offers that were refused",
    "requeued": "Contacts that came back from an agent",
    "transferred": "Contacts that were transferred into the queue",
    "overflowed": "Contacts that overflowed into the queue",
    "parked": "Contacts that were parked",
    "expired": "Contacts that expired while they waited",
}
BUCKETED = {
    "answered": ("a", "Contacts that were accepted by an agent"),
    "abandoned": ("x", "Contacts whose customer left while queued"),
    "callbacks": ("c", "Contacts that were turned into a callback while queued"),
    "handled": ("h", "Parts of contacts that agents have handled, however they ended"),
}
HISTOGRAMS = {
    "wait": ("a", "Time from enqueueing to accept, of answered contacts"),
    "handle": ("h", "Time from connect to the end of after-contact work, of all parts of contacts"),
}
BOUNDS_S = (5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 1_800, 3_600)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(snapshot: Snapshot) -> str:
    """The metrics of a snapshot, but for its age."""
    return "".join(_families(snapshot))


def age(age_s: float) -> str:
    """How old the snapshot is, as a metric."""
    return _one("snapshot_age_seconds", "How long ago all this was read", age_s)


def _families(snapshot: Snapshot) -> Iterator[str]:
    queues = snapshot.queues
    labels = [f'channel="{state.channel}",queue="{state.queue}"' for state in queues]
    found = [histograms(state.totals) for state in queues]
    yield from _gauges(snapshot, labels)
    for name, text in COUNTERS.items():
        values = [state.totals.get(name, 0) for state in queues]
        yield from _family(f"contacts_{name}_total", "counter", text, labels, values)
    for name, (kind, text) in BUCKETED.items():
        values = [sum(one[kind].values()) for one in found]
        yield from _family(f"contacts_{name}_total", "counter", text, labels, values)
    done = [completed(state.totals) for state in queues]
    yield from _family("contacts_completed_total", "counter", "Contacts that agents have completed", labels, done)
    for name, (kind, text) in HISTOGRAMS.items():
        yield _heading(f"{name}_seconds", "histogram", text)
        for state, label, one in zip(queues, labels, found, strict=True):
            yield _histogram(name, label, state, one[kind])


def _gauges(snapshot: Snapshot, labels: Sequence[str]) -> Iterator[str]:
    waiting = [state.waiting + state.offered for state in snapshot.queues]
    oldest = [state.oldest_us / 1e6 for state in snapshot.queues]
    yield from _family("contacts_in_queue", "gauge", "Contacts waiting or being offered", labels, waiting)
    yield from _family("oldest_contact_age_seconds", "gauge", "Longest real wait", labels, oldest)
    yield _one("contacts_in_parking", "Contacts that are parked now", snapshot.parked)
    yield _one("configuration_version", "The configuration in force", snapshot.version)
    measures = snapshot.agent_measures()
    for field in fields(AgentMeasures):
        name = field.name if field.name.startswith("slots") else f"agents_{field.name}"
        yield _one(name, f"{name.replace('_', ' ')} now", getattr(measures, field.name))


def _heading(name: str, kind: str, text: str) -> str:
    return f"# HELP fairlead_{name} {text}\n# TYPE fairlead_{name} {kind}\n"


def _one(name: str, text: str, value: float) -> str:
    return f"{_heading(name, 'gauge', text)}fairlead_{name} {value}\n"


def _family(name: str, kind: str, text: str, labels: Iterable[str], values: Iterable[float]) -> Iterator[str]:
    yield _heading(name, kind, text)
    for label, value in zip(labels, values, strict=True):
        yield f"fairlead_{name}{{{label}}} {value}\n"


def _histogram(name: str, label: str, state: QueueState, found: Mapping[int, int]) -> str:
    """How many there are up to each bound, the sum, and how many in all."""
    limits = sorted(found)
    sums = [0, *accumulate(found[limit] for limit in limits)]
    base = f"fairlead_{name}_seconds"
    lines = [f'{base}_bucket{{{label},le="{bound}"}} {sums[bisect_right(limits, bound)]}\n' for bound in BOUNDS_S]
    return (
        "".join(lines)
        + f'{base}_bucket{{{label},le="+Inf"}} {sums[-1]}\n{base}_count{{{label}}} {sums[-1]}\n'
        + f"{base}_sum{{{label}}} {state.totals.get(f'{name}_us', 0) / 1e6}\n"
    )
