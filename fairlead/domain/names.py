"""Names and the limits that they obey.

A queue, routing profile, agent, status and contact id is `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`: safe inside a
Redis key, a metric label and a file name. Free text belongs into display names. `@` before an agent's name is
that agent's own queue.
"""

import re
import unicodedata

from fairlead.errors import InvalidName

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_NAME = re.compile(NAME_PATTERN)
LONGEST_NAME = 64

_SPELLED = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "&": "and"})

AGENT_QUEUE_PREFIX = "@"

LONGEST_ACTOR = 80


def checked_name(kind: str, name: str) -> str:
    """The name itself when it is a valid one.

    `kind` is the word for the message ("queue", "agent", ...). Raises InvalidName.
    """
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise InvalidName(
        f"{kind} {str(name)[:80]!r} is not a valid name: use 1 to 64 letters, digits, '.', '_' and '-', "
        "beginning with a letter or digit"
    )


def allowed_name(text: str) -> str:
    """A valid name that is as close to a text as can be; empty when it has neither letters nor digits."""
    spelled = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    plain = "".join(one for one in spelled if not unicodedata.combining(one))
    return re.sub(r"[^A-Za-z0-9._]+", "-", plain).strip("-._")[:LONGEST_NAME].rstrip("-._")


def checked_queue_name(name: str) -> str:
    """The name of a standard queue, or `@agent` for an agent queue. Raises InvalidName."""
    if isinstance(name, str) and name.startswith(AGENT_QUEUE_PREFIX):
        checked_name("agent", name[1:])
        return name
    return checked_name("queue", name)


def checked_actor(actor: str) -> str:
    """Who asks, as events tell it: the text itself when it is at most 80 printable characters. Raises InvalidName."""
    if isinstance(actor, str) and len(actor) <= LONGEST_ACTOR and actor.isprintable():
        return actor
    raise InvalidName(f"actor {str(actor)[:80]!r} is not a text of at most {LONGEST_ACTOR} printable characters")


def agent_queue(agent: str) -> str:
    """The name of the agent's own queue."""
    return AGENT_QUEUE_PREFIX + agent


def is_agent_queue(queue: str) -> bool:
    """Whether a queue of that name is an agent's own."""
    return queue.startswith(AGENT_QUEUE_PREFIX)
