"""What a supervisor asks: to put back, move, assign or end a contact, and to change or end an agent's session."""

from fairlead.domain.names import checked_name, checked_queue_name
from fairlead.domain.queue import Rank
from fairlead.store.keys import Keys
from fairlead.store.request import Argument, Request, read_names, read_text
from fairlead.store.transitions.producing import about_contact, nothing


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
        args={"name": agent, "status": status},
        read=lambda _: None,
    )


def set_next_status(keys: Keys, agent: str, status: str) -> Request[str]:
    """The status that a signed-in agent will have when its last slot is free; empty: none. Answers the one it has now.

    Routing stops at once, after-contact work is cleared. Raises UnknownAgent, UnknownStatus, SessionEnded.
    """
    return Request(
        "set_next_status",
        keys={
            "instance": keys.instance,
            "agent": keys.agent(checked_name("agent", agent)),
            "statuses": keys.statuses,
        },
        args={"name": agent, "status": status},
        read=read_text,
    )


def move(keys: Keys, contact_id: str, queue: str, rank: Rank = "back") -> Request[str]:
    """Move a waiting contact to another queue; answers the queue that took it.

    `rank` back: from now, as a move from queue to queue; keep or front: an escalation. Raises UnknownContact,
    WrongState, UnknownQueue, UnknownAgent, QueueFull, QueueDisabled, QueueClosed, ChainTooLong.
    """
    args: dict[str, Argument] = {"queue": checked_queue_name(queue), "rank": rank}
    return about_contact("move_contact", keys, contact_id, args, read=read_text)


def assign(keys: Keys, contact_id: str, agent: str) -> Request[str]:
    """Give a waiting contact to a signed-in agent, past its profile and its slots; answers the contact's state.

    Raises UnknownContact, WrongState, SessionEnded.
    """
    args: dict[str, Argument] = {"name": checked_name("agent", agent)}
    return about_contact("assign_contact", keys, contact_id, args, read=read_text)


def stop(keys: Keys, contact_id: str) -> Request[None]:
    """End a contact wherever it is. Raises UnknownContact, and WrongState when it ended otherwise."""
    return about_contact("stop_contact", keys, contact_id, {}, read=nothing)


def sign_out_agent(keys: Keys, agent: str) -> Request[list[str]]:
    """End whichever session the agent has; answers the ids of the contacts that went back. Raises UnknownAgent."""
    return Request(
        "sign_out",
        keys={"instance": keys.instance, "agent": keys.agent(checked_name("agent", agent))},
        args={"name": agent, "epoch": ""},
        read=read_names,
    )
