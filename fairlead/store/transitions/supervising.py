"""What a supervisor asks: to put back, move, assign or end a contact, to do what the agent that holds one might, and to
change or end an agent's session.
"""

from collections.abc import Sequence
from typing import Any

from fairlead.domain.criteria import Step
from fairlead.domain.names import checked_name, checked_queue_name
from fairlead.domain.queue import Rank
from fairlead.store.keys import Keys
from fairlead.store.members import other_criteria
from fairlead.store.request import Argument, Request, about_contact, new_request_id, nothing, read_names, read_text


def retry(keys: Keys, contact_id: str) -> Request[None]:
    """Put a parked contact back at its original place. Raises UnknownContact, WrongState, UnknownQueue."""
    return about_contact("retry_contact", keys, contact_id, {}, read=nothing)


def set_agent_status(keys: Keys, agent: str, status: str) -> Request[None]:
    """Change the status of a signed-in agent. Raises UnknownAgent, UnknownStatus, SessionEnded."""
    return Request(
        "set_agent_status",
        keys={
            "instance": keys.instance,
            "agent": keys.agent(checked_name("agent", agent)),
            "statuses": keys.statuses,
        },
        args={"name": agent, "status": checked_name("status", status)},
        read=lambda _: None,
        request_id=new_request_id(),
    )


def set_next_status(keys: Keys, agent: str, status: str) -> Request[str]:
    """Set the status that a signed-in agent gets when its last slot is free; "" removes it. Returns the present status.

    Until then no contact is routed to the agent; its after-contact work ends at once.

    Raises UnknownAgent, UnknownStatus, SessionEnded.
    """
    return Request(
        "set_next_status",
        keys={
            "instance": keys.instance,
            "agent": keys.agent(checked_name("agent", agent)),
            "statuses": keys.statuses,
        },
        args={"name": agent, "status": checked_name("status", status) if status else ""},
        read=read_text,
        request_id=new_request_id(),
    )


def move(
    keys: Keys, contact_id: str, queue: str, rank: Rank | None = None, *, criteria: Sequence[Step | str] | None = None
) -> Request[str]:
    """Move a waiting contact to another queue; returns the queue that took it.

    `rank`: back, the default, puts it behind all others; keep and front, which are escalations, keep its place or put
    it first. In the queue where it is a rank moves its place alone, and without one it is SameQueue.
    `criteria`: its routing steps there, or their texts, none when empty; by default those that it has begin anew.

    Raises InvalidCriteria, UnknownContact, WrongState, UnknownQueue, UnknownAgent, QueueFull, QueueDisabled,
    QueueClosed, SameQueue, ChainTooLong.
    """
    args: dict[str, Argument] = {
        "queue": checked_queue_name(queue), "rank": rank or "", "criteria": other_criteria(criteria),
    }  # fmt: skip
    return about_contact("move_contact", keys, contact_id, args, read=read_text)


def assign(keys: Keys, contact_id: str, agent: str) -> Request[str]:
    """Give a waiting contact to a signed-in agent, whatever its profile and slots; returns the contact's state.

    Raises UnknownContact, WrongState, SessionEnded.
    """
    args: dict[str, Argument] = {"name": checked_name("agent", agent)}
    return about_contact("assign_contact", keys, contact_id, args, read=read_text)


def hold(keys: Keys, contact_id: str) -> Request[None]:
    """Put a connected contact on hold, whoever holds it. Raises UnknownContact, WrongState."""
    return about_contact("hold_for_agent", keys, contact_id, {}, read=nothing)


def pause(keys: Keys, contact_id: str) -> Request[None]:
    """Pause a connected task, whoever holds it: it takes no slot until it is resumed.

    Raises UnknownContact, WrongState.
    """
    return about_contact("pause_for_agent", keys, contact_id, {}, read=nothing)


def resume(keys: Keys, contact_id: str) -> Request[None]:
    """Connect a contact on hold, or a paused task, again. Raises UnknownContact, WrongState."""
    return about_contact("resume_for_agent", keys, contact_id, {}, read=nothing)


def transfer(keys: Keys, contact_id: str, queue: str, *, criteria: Sequence[Step | str] = ()) -> Request[str]:
    """Hand a connected contact on to a queue or to `@agent`, as its agent would; returns the queue that took it.

    It keeps the time of its first enqueueing. One that is in that queue already stays there. `criteria`: its routing
    steps there, or their texts.

    Raises InvalidCriteria, UnknownContact, WrongState, UnknownQueue, UnknownAgent, QueueFull, QueueDisabled,
    QueueClosed, ChainTooLong.
    """
    args: dict[str, Argument] = {"queue": checked_queue_name(queue), "criteria": other_criteria(criteria)}
    return about_contact("transfer_for_agent", keys, contact_id, args, read=read_text)


def clear_slots(keys: Keys, agent: str, contact_id: str = "") -> Request[int]:
    """Clear slots of an agent that a missed or failed offer has kept, and end after-contact work; returns how many.

    `contact_id`: the contact that the slot stands for; by default all such slots.
    Raises UnknownAgent, SessionEnded, and WrongState when the agent holds the contact.
    """
    return Request(
        "clear_for_agent",
        keys={"instance": keys.instance, "agent": keys.agent(checked_name("agent", agent))},
        args={"name": agent, "contact": checked_name("contact", contact_id) if contact_id else ""},
        read=_number,
        request_id=new_request_id(),
    )


def _number(reply: Any) -> int:
    return int(reply)


def stop(keys: Keys, contact_id: str) -> Request[None]:
    """End a contact in any state. Raises UnknownContact, and WrongState when it has already ended otherwise."""
    return about_contact("stop_contact", keys, contact_id, {}, read=nothing)


def forget(keys: Keys, contact_id: str) -> Request[None]:
    """Erase what tells of the customer from a contact that has ended; what measures need stays.

    Raises UnknownContact, and WrongState when it has not ended.
    """
    return about_contact("forget_contact", keys, contact_id, {}, read=nothing)


def sign_out_agent(keys: Keys, agent: str) -> Request[list[str]]:
    """End the agent's session; returns the ids of the contacts that went back to line. Raises UnknownAgent."""
    return Request(
        "sign_out",
        keys={"instance": keys.instance, "agent": keys.agent(checked_name("agent", agent))},
        args={"name": agent, "epoch": ""},
        read=read_names,
        request_id=new_request_id(),
    )
