"""What a process asks for all its sessions at once: to renew them, and what they have missed or Redis has lost."""

from collections.abc import Iterable

from fairlead.store.keys import Keys
from fairlead.store.offers import Held
from fairlead.store.request import Request, read_names
from fairlead.store.transitions.working import Session


def find_unseen(keys: Keys, sessions: Iterable[Session]) -> Request[list[str]]:
    """The agents that hold a contact which their session has not seen yet: whose hint was lost. Changes nothing."""
    return Request(
        "find_unseen",
        keys={"instance": keys.instance},
        args={},
        read=read_names,
        rest=tuple(value for session in sessions for value in (session.agent, session.epoch, session.last_token)),
    )


def find_finished(keys: Keys, handled: Iterable[tuple[Session, Iterable[int]]]) -> Request[list[Held]]:
    """What agents hold although their programs are done with it: Redis has lost that they said so. Changes nothing.

    `handled`: sessions, each with the tokens of what its program has begun and not ended yet. The answer is about them
    as they were when the request was built.
    """
    return Request(
        "find_finished",
        keys={"instance": keys.instance},
        args={},
        read=lambda reply: [
            Held(agent.decode(), contact.decode(), int(token))
            for agent, contact, token in zip(reply[::3], reply[1::3], reply[2::3], strict=True)
        ],
        rest=tuple(
            value
            for session, tokens in handled
            for value in (session.agent, session.epoch, session.last_token, "".join(f"{token} " for token in tokens))
        ),
    )


def renew(keys: Keys, sessions: Iterable[Session]) -> Request[list[tuple[str, int]]]:
    """Renew sessions for another lease; returns agent and epoch of those that have ended.

    The answer is about the sessions as they were when the request was built: an agent may have a newer one by now.
    """
    return Request(
        "renew_sessions",
        keys={"instance": keys.instance, "due": keys.due},
        args={},
        read=lambda reply: [(agent.decode(), int(epoch)) for agent, epoch in zip(reply[::2], reply[1::2], strict=True)],
        rest=tuple(value for session in sessions for value in (session.agent, session.epoch)),
    )
