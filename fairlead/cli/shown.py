"""A contact, an agent and settings as a person reads them; --json has all of it as it is kept."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from fairlead.cli.output import stdout
from fairlead.cli.times import duration, moment
from fairlead.domain.contact import FOR_GOOD
from fairlead.domain.criteria import read_canonical
from fairlead.domain.measures import Estimate
from fairlead.store.reading import AgentState, ContactRecord

Row = tuple[str, str]

_STATES = {"on_hold": "on hold", "acw": "in after-contact work"}
_KINDS = {**_STATES, "missed": "an offer that was missed", "error": "an offer that failed"}
_ACTIVITIES = {"contact": "on contact", "idle": "idle"}


def state_of(state: str) -> str:
    """A contact's state in words."""
    return _STATES.get(state, state)


def agents_of(contact: ContactRecord) -> str:
    """Who has a contact, or at whom it rings."""
    return ", ".join([contact.agent, *(name for name, _ in contact.rings)])


def contact_rows(
    contact: ContactRecord, now_us: int, estimate: Estimate | None = None, why_not: Sequence[str] = ()
) -> list[Row]:
    """What there is to say of a contact: (word, text) for each line. `why_not`: why it waits, a sentence each."""
    rows = [
        ("state", f"{state_of(contact.state)}, {contact.channel} in {contact.queue}"),
        *_times(contact, now_us),
        ("intake", str(contact.decision or "")),
        *_estimated(estimate),
        *(("why not yet", sentence) for sentence in why_not),
        ("agent", agents_of(contact)),
        ("priority", str(contact.priority)),
        ("attempts", str(contact.attempts or "")),
        ("error", contact.error),
        *_criteria(contact),
        *_refused(contact, now_us),
        ("direction", contact.direction),
        ("customer", contact.customer),
        ("related to", contact.related_to),
        ("attributes", ", ".join(f"{name}={text}" for name, text in contact.attributes.items())),
        ("headers", ", ".join(f"{name}={text}" for name, text in contact.headers.items())),
        ("callback", "yes" * contact.is_callback),
        ("chain", f"{contact.chain_length} contacts" if contact.chain_length > 1 else ""),
        ("payload", "" if contact.payload is None else orjson.dumps(orjson.loads(contact.payload)).decode()),
    ]
    return [row for row in rows if row[1]]


def _refused(contact: ContactRecord, now_us: int) -> Iterator[Row]:
    """Who is not offered it again now, and for how much longer unless it is for good."""
    lasting = {name: until_us for name, until_us in contact.refused if until_us == FOR_GOOD or until_us > now_us}
    names = [f"{name} ({duration((until - now_us) / 1e6)})" if until else name for name, until in lasting.items()]
    yield "refused by", ", ".join(names)


def _times(contact: ContactRecord, now_us: int) -> Iterator[Row]:
    if contact.state == "scheduled":
        return
    until_us = contact.connected_us or now_us
    waited = f"{duration((until_us - contact.queued_us) / 1e6)}, since {moment(contact.queued_us, now_us)}"
    yield "waited" if contact.connected_us else "waits", waited
    if contact.rank_us != contact.queued_us:
        older_s = (contact.queued_us - contact.rank_us) / 1e6
        yield "rank", f"{duration(abs(older_s))} {'older' if older_s > 0 else 'younger'} than it is"
    if contact.connected_us:
        yield "connected", f"{duration((now_us - contact.connected_us) / 1e6)} ago"
    if contact.again_us is not None:
        yield "pauses", f"{duration(max(0, contact.again_us - now_us) / 1e6)} more, after a failed attempt"
    if contact.expires_us is not None:
        yield "expires", f"in {duration(max(0, contact.expires_us - now_us) / 1e6)}"


def _estimated(estimate: Estimate | None) -> Iterator[Row]:
    if estimate is None:
        return
    yield "position", str(estimate.position)
    yield "answer", answer_of(estimate)


def answer_of(estimate: Estimate) -> str:
    """When a contact will probably be answered, in words."""
    if estimate.wait_s is None:
        return f"cannot be estimated: {estimate.method}"
    sure = f"by {estimate.method}, {estimate.confidence} confidence"
    return f"in about {duration(estimate.wait_s)} ({sure})"


def _criteria(contact: ContactRecord) -> Iterator[Row]:
    for number, line in enumerate(contact.criteria, 1):
        expiry, _, expression = line.partition(" ")
        limit = f", for {duration(int(expiry) / 1e6)}" if expiry.isdigit() else ""
        now = " (now)" if number == contact.step and contact.state in ("queued", "offered") else ""
        yield f"step {number}", f"{read_canonical(expression)}{limit}{now}"


def agent_rows(agent: AgentState, now_us: int) -> list[Row]:
    """What there is to say of an agent: (word, text) for each line."""
    rows = [
        ("name", agent.display_name),
        ("profile", agent.profile),
        ("status", _since(agent.status, agent.status_us, now_us)),
        ("next status", agent.next_status),
    ]
    if agent.is_signed_in:
        lease_s = (agent.lease_ends_us - now_us) / 1e6
        activity = _ACTIVITIES.get(agent.activity, agent.activity)
        rows += [
            ("does", _since(activity, agent.activity_us, now_us)),
            ("offered", ", ".join(agent.offerable_channels) or "nothing now"),
            ("worker", agent.worker),
            ("lease", "absent: its session was not renewed" if agent.is_absent else f"ends in {duration(lease_s)}"),
            *(("holds", f"{one.contact_id}: {_KINDS.get(one.kind, one.kind)}, {one.channel}") for one in agent.slots),
        ]
    return [row for row in rows if row[1]]


def _since(what: str, since_us: int, now_us: int) -> str:
    if not what or not since_us:
        return what
    return f"{what} for {duration((now_us - since_us) / 1e6)}, since {moment(since_us, now_us)}"


def settings_rows(settings: Mapping[str, Any]) -> list[Row]:
    """Settings that say something, each on its line."""
    rows = [_setting(name, value) for name, value in settings.items() if value is not None]
    return [row for row in rows if row[1]]


def _setting(name: str, value: Any) -> Row:
    if isinstance(value, bool):
        return name, "yes" if value else "no"
    if isinstance(value, Mapping):
        in_ms = name.endswith("_ms")  # in the file, where people write it, it is in seconds
        texts = (f"{key} {one / 1_000:g}" if in_ms else f"{key} {one}" for key, one in value.items())
        return name.removesuffix("_ms") + "_s" * in_ms, ", ".join(texts)
    return name, str(value)


def print_rows(rows: Sequence[Row]) -> None:
    """Print each row whole, the texts below each other."""
    width = max(len(word) for word, _ in rows)
    for word, text in rows:
        stdout.print(f"{word:{width}}  {text}", markup=False, soft_wrap=True)
