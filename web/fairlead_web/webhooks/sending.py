"""One message to one endpoint: its body, its signatures, and the request."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import orjson
from standardwebhooks.webhooks import Webhook as Signer

from fairlead.service.webhooks.endpoints import Format, Webhook
from fairlead.store.reading import Event
from fairlead_web.webhooks.addresses import AddressRefused, Network, address_of, is_of

CONNECT_S, ANSWER_S = 5.0, 15.0
MOST_READ_BYTES = 1_024
"""So much of an answer is read: nobody looks at more."""

GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. `status`: None when there was no answer; `error`: empty when it was taken; `is_final`:
    the same would come of another one.
    """

    status: int | None
    error: str
    is_final: bool = False

    @property
    def is_taken(self) -> bool:
        return not self.error


def body_of(event: Event, instance: str, form: Format) -> bytes:
    """The event as a receiver gets it. It tells that something has happened to which contact, never a payload."""
    at = datetime.fromtimestamp(event.at_us / 1e6, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    data = {"id": event.event_id, "instance": instance, "actor": event.actor, **event.fields}
    if form == "cloudevents":
        subject = event.fields.get("contact") or event.fields.get("agent") or event.fields.get("queue", "")
        return orjson.dumps({
            "specversion": "1.0", "id": event.event_id, "source": f"/fairlead/{instance}",
            "type": f"fairlead.{event.name}", "time": at, "datacontenttype": "application/json", "data": data,
            **({"subject": subject} if subject else {}),
        })  # fmt: skip
    return orjson.dumps({"type": event.name, "timestamp": at, "data": data})


def signed(webhook: Webhook, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers by which a receiver knows that it is from us, by each secret that is good."""
    told = [Signer(secret).sign(message_id, at, body.decode()) for secret in webhook.secrets]
    kind = "application/cloudevents+json" if webhook.format == "cloudevents" else "application/json"
    return {
        "webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": " ".join(told),
        "content-type": kind, "user-agent": "Fairlead-Webhooks",
    }  # fmt: skip


def send(
    webhook: Webhook,
    event: Event,
    instance: str,
    networks: Sequence[Network] = (),
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """Send the event to the endpoint, once. Any status of 2xx takes it; redirects are not followed.

    `networks`: of one's own, which may be asked; `trust`: by whom certificates may be signed, as browsers have it.
    """
    url = httpx.URL(webhook.url)
    try:
        address = address_of(url.host, url.port or (443 if url.scheme == "https" else 80), networks)
    except AddressRefused as refusal:
        return Answer(None, str(refusal), is_final=True)
    except (OSError, UnicodeError) as failure:
        return Answer(None, f"{url.host} has no address: {type(failure).__name__}")
    if url.scheme != "https" and not is_of(address, networks):
        return Answer(None, "http is for one's own networks only: write https", is_final=True)
    body = body_of(event, instance, webhook.format)
    headers = {"host": url.netloc.decode(), **signed(webhook, f"msg_{event.event_id}", body, datetime.now(UTC))}
    try:
        status = _post(url.copy_with(host=str(address)), headers, body, url.host, trust)
    except httpx.HTTPError as failure:
        return Answer(None, type(failure).__name__)
    is_taken = httpx.codes.is_success(status)
    return Answer(status, "" if is_taken else f"answered {status}", is_final=status == GONE)


def _post(url: httpx.URL, headers: dict[str, str], body: bytes, host: str, trust: ssl.SSLContext | None) -> int:
    """The status; the host's certificate is asked for by its name, though it is asked at its address."""
    limits = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    with (
        httpx.Client(timeout=limits, follow_redirects=False, trust_env=False, verify=trust or True) as client,
        client.stream("POST", url, headers=headers, content=body, extensions={"sni_hostname": host}) as answer,
    ):
        for _ in answer.iter_raw(MOST_READ_BYTES):
            break
        return answer.status_code
