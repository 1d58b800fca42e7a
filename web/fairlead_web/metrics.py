"""The snapshot as Prometheus metrics."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from fairlead.domain.measures import histogram, total
from fairlead.service.snapshot import AgentMeasures, Snapshot

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
    "completed": ("h", "Contacts that were completed"),
}
HISTOGRAMS = {
    "wait": ("a", "Time from enqueueing to accept, of answered contacts"),
    "handle": ("h", "Time from connect to the end of after-contact work, of completed contacts"),
}
BOUNDS_S = (5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 1_800, 3_600)
LABELS = ("queue", "channel")


class SnapshotCollector(Collector):
    """The metrics of one snapshot."""

    def __init__(self, snapshot: Snapshot, age_s: float) -> None:
        self._snapshot, self._age_s = snapshot, age_s

    def collect(self) -> Iterator[Metric]:
        snapshot = self._snapshot
        yield GaugeMetricFamily("fairlead_snapshot_age_seconds", "How long ago all this was read", self._age_s)
        yield from _gauges(snapshot)
        for name, text in COUNTERS.items():
            family = CounterMetricFamily(f"fairlead_contacts_{name}", text, labels=LABELS)
            for state in snapshot.queues:
                family.add_metric([state.queue, state.channel], state.totals.get(name, 0))
            yield family
        for name, (kind, text) in BUCKETED.items():
            family = CounterMetricFamily(f"fairlead_contacts_{name}", text, labels=LABELS)
            for state in snapshot.queues:
                family.add_metric([state.queue, state.channel], total(state.totals, kind))
            yield family
        for name, (kind, text) in HISTOGRAMS.items():
            yield _histogram(snapshot, name, kind, text)


def _histogram(snapshot: Snapshot, name: str, kind: str, text: str) -> Metric:
    family = HistogramMetricFamily(f"fairlead_{name}_seconds", text, labels=LABELS)
    for state in snapshot.queues:
        found = histogram(state.totals, kind)
        family.add_metric([state.queue, state.channel], _buckets(found), state.totals.get(f"{name}_us", 0) / 1e6)
    return family


def _buckets(found: Mapping[int, int]) -> list[tuple[str, float]]:
    """How many there are up to each bound."""
    limits, sums = list(found), [0, *accumulate(found.values())]
    up_to = [(str(bound), sums[bisect_right(limits, bound)]) for bound in BOUNDS_S]
    return [*up_to, ("+Inf", sums[-1])]


def _gauges(snapshot: Snapshot) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("fairlead_contacts_in_queue", "Contacts waiting or being offered", labels=LABELS)
    oldest = GaugeMetricFamily("fairlead_oldest_contact_age_seconds", "Longest real wait", labels=LABELS)
    for state in snapshot.queues:
        waiting.add_metric([state.queue, state.channel], state.waiting + state.offered)
        oldest.add_metric([state.queue, state.channel], state.oldest_us / 1e6)
    yield waiting
    yield oldest
    yield GaugeMetricFamily("fairlead_contacts_in_parking", "Contacts that are parked now", snapshot.parked)
    yield GaugeMetricFamily("fairlead_configuration_version", "The configuration in force", snapshot.version)
    measures = snapshot.agent_measures()
    for field in fields(AgentMeasures):
        name = field.name if field.name.startswith("slots") else f"agents_{field.name}"
        yield GaugeMetricFamily(f"fairlead_{name}", f"{name.replace('_', ' ')} now", getattr(measures, field.name))


def registry_of(snapshot: Snapshot, age_s: float = 0.0) -> CollectorRegistry:
    """A registry of one snapshot, taken so many seconds ago, for one scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SnapshotCollector(snapshot, age_s))
    return registry
