"""What is asked of the endpoints of webhooks: to make, change, switch, remove one, and to give it another secret."""

from collections.abc import Sequence

from fairlead.domain.names import checked_name
from fairlead.store.keys import Keys
from fairlead.store.request import Argument, Request, new_request_id, nothing, or_empty
from fairlead.store.transitions.configuring import NEW

OLD_SECRET_S = 86_400
"""How long a secret that was replaced signs, too."""

MOST_OLD_SECRETS = 9
"""How many secrets that were replaced sign at most."""


def put_webhook(
    keys: Keys, webhook_id: str, version: int | None, url: str, events: Sequence[str], form: str, secret: str = ""
) -> Request[int]:
    """Make an endpoint (version NEW, with its secret), or change the one that was read at a version; None: whichever it
    has. Answers its version; NEW when one was to be made, and there is one.

    Raises UnknownWebhook, ConfigurationChanged.
    """
    return Request(
        "put_webhook",
        keys={
            "instance": keys.instance, "webhook": _key(keys, webhook_id), "webhooks": keys.webhooks,
            "events": keys.events, "relayed": keys.relayed,
        },
        args={
            "id": webhook_id, "version": or_empty(version), "url": url, "names": " ".join(events), "format": form,
            "secret": secret if version == NEW else "",
        },
        read=int,
        request_id=new_request_id(),
    )  # fmt: skip


def switch_webhook_off(keys: Keys, webhook_id: str, reason: str) -> Request[None]:
    """Send an endpoint no more events. `reason`: gone, failing or by_hand. Raises UnknownWebhook."""
    return _about("switch_webhook", keys, webhook_id, {"reason": reason})


def switch_webhook_on(keys: Keys, webhook_id: str) -> Request[None]:
    """Send an endpoint events again, from now on. Raises UnknownWebhook."""
    return _about("switch_webhook", keys, webhook_id, {"reason": ""})


def rotate_webhook(keys: Keys, webhook_id: str, secret: str) -> Request[None]:
    """Give an endpoint another secret. Raises UnknownWebhook."""
    args: dict[str, Argument] = {"secret": secret, "signs_s": OLD_SECRET_S, "most": MOST_OLD_SECRETS}
    return _about("rotate_webhook", keys, webhook_id, args)


def remove_webhook(keys: Keys, webhook_id: str, version: int | None = None) -> Request[None]:
    """Remove the endpoint that was read at a version; None: whichever it has. What is still to be delivered to it is
    dropped. Raises UnknownWebhook, ConfigurationChanged.
    """
    more = {"webhooks": keys.webhooks, "deliveries": keys.deliveries(webhook_id)}
    return _about("remove_webhook", keys, webhook_id, {"version": or_empty(version)}, more)


def _about(
    script: str, keys: Keys, webhook_id: str, args: dict[str, Argument], more: dict[str, str] | None = None
) -> Request[None]:
    return Request(
        script,
        keys={"instance": keys.instance, "webhook": _key(keys, webhook_id), **(more or {})},
        args={"id": webhook_id, **args},
        read=nothing,
        request_id=new_request_id(),
    )


def _key(keys: Keys, webhook_id: str) -> str:
    return keys.webhook(checked_name("webhook", webhook_id))
