"""What the tests of attempts and pauses share."""

from centre import Centre, profile
from raw import raw

from fairlead.domain.channel import CHANNELS
from fairlead.domain.profile import Entry
from fairlead.store import reading
from fairlead.store.transitions.working import Session

EVERYWHERE = profile([Entry(queue, channel) for queue in ("Q", "Other") for channel in CHANNELS])


ELSEWHERE = profile([Entry("Overflow", channel) for channel in CHANNELS], "R")


def attempts_of(centre: Centre, contact_id: str) -> int:
    return centre.store.run(reading.contact(contact_id)).attempts


def pauses(centre: Centre, contact_id: str) -> bool:
    return centre.store.run(reading.contact(contact_id)).again_us is not None


def pause_is_due(centre: Centre, contact_id: str) -> bool:
    return raw(centre.store).zscore(centre.keys.due, f"pause:{contact_id}") is not None


def ends(centre: Centre, how: str) -> None:
    """Ana has been given contact c; she, or her session, gives it up."""
    if how in ("transferred", "released", "failed", "signed_out", "lost", "replaced"):
        centre.does("ana", "accept", "c")
    session = centre.sessions["ana"]
    if how == "failed":
        centre.fails("ana", "c")
    elif how == "released":
        centre.does("ana", "release", "c")
    elif how == "transferred":
        centre.does("ana", "transfer", "c", "Other")
    elif how == "rejected":
        centre.does("ana", "reject", "c")
    elif how == "error":
        centre.does("ana", "report_error", "c", "no line")
    elif how == "signed_out":
        centre.store.run(session.sign_out())
    elif how == "replaced":
        centre.now_us += 1
        other = Session(centre.keys, "ana", "w-other", "there/ana/2", auto_accept=False)
        centre.store.run(other.sign_in(replaces=session.epoch))
    elif how == "lost":
        centre.passes(61)
    else:
        centre.passes(31)
