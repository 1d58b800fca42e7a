"""`fairlead contacts timeline`."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from fairlead.cli.completing import ContactArgument
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Column, Output, print_lines, table, width_of
from fairlead.cli.output import print_json
from fairlead.cli.shown import state_of
from fairlead.cli.times import duration, moment
from fairlead.service.supervisor import Supervisor
from fairlead.service.timeline import Span, Timeline, decision_in, described_timeline
from fairlead.store.reading import Event

_LOOKS = {
    "scheduled": ("-", "blue"), "queued": (".", "yellow"), "offered": ("o", "cyan"), "connected": ("#", "green"),
    "on_hold": ("h", "magenta"), "paused": ("p", "magenta"), "acw": ("a", "blue"), "parked": ("x", "red"),
}  # fmt: skip
"""State -> what stands for it in the bar, and in which colour."""

_PIPE_WIDTH = 80


def timeline(
    contact: ContactArgument, as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None
) -> None:
    """Draw a contact's life: a bar of its states, and a line for each change. Works for ended ones, from the events."""
    found = Supervisor.connect(redis, instance).timeline(contact)
    if as_json:
        print_json(described_timeline(found))
        return
    print_lines([*_head(found, width_of(Output.FIT) or _PIPE_WIDTH), *_changes(found)])


def _head(found: Timeline, width: int) -> Iterator[Text]:
    whole_us = sum(span.to_us - span.from_us for span in found.spans)
    lasted = f", {duration(whole_us / 1e6)}" if found.spans else ""
    yield Text(f"contact {found.contact_id}: {state_of(found.state)}{lasted}", style="bold")
    if found.is_trimmed:
        yield Text("What happened before is no longer in the stream of events (events_kept).", style="yellow")
    if not found.spans:
        return
    yield bar(found.spans, width)
    legend = Text()
    for state, us in found.times_us().items():
        sign, colour = _LOOKS[state]
        legend.append(f"{sign} ", style=colour).append(f"{state_of(state)} {duration(us / 1e6)}   ", style="default")
    legend.rstrip()
    yield legend
    yield Text()


def bar(spans: Sequence[Span], width: int) -> Text:
    """The spans side by side, each as long as it lasted; where there is room, none is left out."""
    lengths = [span.to_us - span.from_us for span in spans]
    whole_us, line = max(1, sum(lengths)), Text()
    spare = max(0, width - len(spans))
    drawn, passed_us = 0, 0
    for place, (span, length) in enumerate(zip(spans, lengths, strict=True), 1):
        passed_us += length
        ends = min(place, width) + round(spare * passed_us / whole_us)
        sign, colour = _LOOKS[span.state]
        line.append(sign * (ends - drawn), style=colour)
        drawn = ends
    return line


def _changes(found: Timeline) -> list[Text]:
    rows = []
    for place, event in enumerate(found.events):
        next_us = found.events[place + 1].at_us if place + 1 < len(found.events) else found.at_us
        is_last = place + 1 == len(found.events) and found.state in ("completed", "abandoned", "expired")
        lasted = "" if is_last else duration((next_us - event.at_us) / 1e6)
        at = f"{moment(event.at_us, found.at_us)}.{event.at_us // 1_000 % 1_000:03}"
        rows.append((at, lasted, event.name.partition(".")[2].replace("_", " "), _told(event)))
    if not rows:
        return []
    columns = (Column("at"), Column("for", is_number=True), Column("what"), Column(""))
    return table(columns, rows)


def _told(event: Event) -> str:
    """Who, where and why, of what the event says."""
    fields, parts = event.fields, list[str]()
    word = event.name.partition(".")[2]
    if word in ("queued", "scheduled", "transferred", "overflowed"):
        parts.append(f"{fields['channel']} in {fields['queue']}")
    if word == "queued":
        parts.append(f"priority {fields['priority']}")
    if fields.get("agent"):
        parts.append(f"{'to' if word == 'offered' else 'agent'} {fields['agent']}")
    if word in ("offered", "connected"):
        parts.append(f"waited {duration(int(fields['waited_us']) / 1e6)}")
        parts.append(_by(fields["profile"], fields["entry_priority"]))
        parts.append(f"attempt {fields['attempt']}" if fields["attempt"] != "1" else "")
    if word == "step_expired":
        parts.append(f"step {fields['step']} is over")
    if word == "rescinded" and fields["reason"] == "answered":
        parts.append("another was first")
    decision = decision_in(event)
    parts.append(f"intake {decision}" if decision else "")
    parts += [fields.get("changed", ""), fields.get("reason", ""), fields.get("error", "")]
    parts.append(f"it rings on at {fields['rings']}" if "rings" in fields else "")
    parts.append(f"by {event.actor}" if event.actor and event.actor != f"agent:{fields.get('agent')}" else "")
    return ", ".join(part for part in parts if part)


def _by(profile: str, entry_priority: str) -> str:
    if entry_priority == "by_hand":
        return "by hand"
    return "from its own queue" if entry_priority == "0" else f"profile {profile}, priority {entry_priority}"
