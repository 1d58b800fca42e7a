"""The relay: it reads the stream of events, and hands each on for delivery to the endpoints that get it."""

import logging
import time
from collections.abc import Callable

from rq import Queue

from fairlead.cli.outage import ASK_AGAIN_S, Outage
from fairlead.errors import RedisError
from fairlead.service.webhooks import Webhooks
from fairlead_web.webhooks.delivering import hand_on

log = logging.getLogger(__name__)

READ_AT_ONCE = 200
BLOCK_MS = 2_000


def relay(webhooks: Webhooks, queue: Queue, goes_on: Callable[[], bool], outage: Outage) -> int:
    """Hand events on while `goes_on`, past every outage of Redis; returns how many deliveries it were.

    Each batch is handed on before the place of the relay is noted: a relay that dies hands some on once more, which the
    jobs' ids tell, so that each is delivered at least once. Several relays do each other no harm.
    """
    handed_on = 0
    while goes_on():
        try:
            handed_on += relay_batch(webhooks, queue, BLOCK_MS)
        except RedisError as failure:
            outage.note(failure)
            time.sleep(ASK_AGAIN_S)
        else:
            outage.note(None)
    return handed_on


def relay_batch(webhooks: Webhooks, queue: Queue, block_ms: int | None = None) -> int:
    """Hand the next events on; returns how many deliveries it were. Waits for new ones, but no longer than told."""
    before = webhooks.relayed()
    if not before:  # nobody wants any: the first endpoint that is made says from where on it does
        webhooks.events_after("$", 1, block_ms)
        return 0
    events = webhooks.events_after(before, READ_AT_ONCE, block_ms)
    if not events:
        return 0
    if webhooks.is_trimmed(before):
        log.error("events after %s were trimmed before they were handed on: raise events_kept", before)
    endpoints = webhooks.webhooks()
    wanted = [(one.webhook_id, event) for event in events for one in endpoints if one.takes(event)]
    handed_on = sum(hand_on(queue, webhook_id, event) for webhook_id, event in wanted)
    webhooks.note_relayed(events[-1].event_id)
    return handed_on
