"""Webhooks: addresses to which events are sent, by the scheme of Standard Webhooks (https://www.standardwebhooks.com)."""

from fairlead.service.asked import Connected, of_keys, of_nothing
from fairlead.service.webhooks.delivering import (
    deliveries,
    is_trimmed,
    note_delivered,
    note_delivery,
    note_failed,
    note_relayed,
    relayed,
)
from fairlead.service.webhooks.endpoints import (
    change_webhook,
    create_webhook,
    rotate_webhook_secret,
    webhook,
    webhooks,
)
from fairlead.service.webhooks.given_up import forget_undelivered, give_up, to_replay, undelivered
from fairlead.store import reading
from fairlead.store.transitions import hooking


class Hooking:
    """What those ask who manage endpoints."""

    create_webhook = of_nothing(create_webhook)
    change_webhook = of_nothing(change_webhook)
    webhooks = of_nothing(webhooks)
    webhook = of_nothing(webhook)
    remove_webhook = of_keys(hooking.remove_webhook)
    switch_webhook_on = of_keys(hooking.switch_webhook_on)
    switch_webhook_off = of_keys(hooking.switch_webhook_off)
    rotate_webhook_secret = of_nothing(rotate_webhook_secret)
    deliveries = of_nothing(deliveries)
    undelivered = of_nothing(undelivered)
    to_replay = of_nothing(to_replay)
    forget_undelivered = of_nothing(forget_undelivered)

    @property
    def instance(self) -> str:
        """The name of the instance."""
        name: str = self._store.keys.instance_name  # type: ignore[attr-defined]  # of whoever asks
        return name


class Webhooks(Hooking, Connected):
    """The webhooks of one instance: what those ask who manage endpoints, relay to them and deliver."""

    relayed = of_nothing(relayed)
    is_trimmed = of_nothing(is_trimmed)
    note_relayed = of_nothing(note_relayed)
    note_delivered = of_nothing(note_delivered)
    note_failed = of_nothing(note_failed)
    note_delivery = of_nothing(note_delivery)
    give_up = of_nothing(give_up)
    events_after = of_nothing(reading.events_after)
