"""The snapshot as Prometheus metrics."""

from collections.abc import Callable, Iterator
from dataclasses import fields

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fairlead.monitor.snapshot import AgentMeasures, Snapshot, agent_measures

COUNTERS = {
    "queued": "Contacts that were enqueued",
    "answered": "Contacts that were accepted by an agent",
    "within": "Contacts that were accepted within the service level's threshold",
    "abandoned": "Contacts whose customer left while queued",
    "completed": "Contacts that were completed",
    "requeued": "Contacts that came back from an agent",
    "missed": "Offers that were not answered",
    "rejected": "Offers that were refused",
    "transferred": "Contacts that were transferred into the queue",
    "parked": "Contacts that were parked",
}
SECONDS = {"wait_us": ("wait", "Time from enqueueing to accept"), "handle_us": ("handle", "Time from connect to end")}
LABELS = ("queue", "channel")


class SnapshotCollector(Collector):
    """Takes a snapshot for each scrape."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def describe(self) -> list[Metric]:
        """Nothing: registering does not scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        snapshot = self._snapshot()
        yield from _gauges(snapshot)
        for name, text in COUNTERS.items():
            family = CounterMetricFamily(f"fairlead_contacts_{name}", text, labels=LABELS)
            for state in snapshot.queues:
                family.add_metric([state.queue, state.channel], state.totals.get(name, 0))
            yield family
        for name, (word, text) in SECONDS.items():
            family = CounterMetricFamily(f"fairlead_{word}_seconds", text, labels=LABELS)
            for state in snapshot.queues:
                family.add_metric([state.queue, state.channel], state.totals.get(name, 0) / 1e6)
            yield family


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
    measures = agent_measures(snapshot)
    for field in fields(AgentMeasures):
        name = field.name if field.name.startswith("slots") else f"agents_{field.name}"
        yield GaugeMetricFamily(f"fairlead_{name}", f"{name.replace('_', ' ')} now", getattr(measures, field.name))


def registry_of(snapshot: Callable[[], Snapshot]) -> CollectorRegistry:
    """A registry whose every scrape takes a snapshot."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SnapshotCollector(snapshot))
    return registry
