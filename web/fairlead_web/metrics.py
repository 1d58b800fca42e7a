"""The snapshot as Prometheus metrics."""

from collections.abc import Iterator
from dataclasses import fields

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

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        snapshot = self._snapshot
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
        buckets = [(str(bound), sum(n for limit, n in found.items() if limit <= bound)) for bound in BOUNDS_S]
        buckets.append(("+Inf", sum(found.values())))
        family.add_metric([state.queue, state.channel], buckets, state.totals.get(f"{name}_us", 0) / 1e6)
    return family


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


def registry_of(snapshot: Snapshot) -> CollectorRegistry:
    """A registry of one snapshot, for one scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SnapshotCollector(snapshot))
    return registry
