"""What a rule holds of single values, and how replies are read: out of a script they come as Redis has them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from fairlead.store.checking.moments import Finding
from fairlead.store.procedure import Command, Steps, ask


class Claim(NamedTuple):
    """What the reply to a command about one member of a key has to be."""

    command: Command
    holds: Callable[[str | None], bool]
    should: str

    def judge(self, reply: Any, advice: str) -> list[Finding]:
        """The finding, when the claim does not hold."""
        value = text(reply)
        if self.holds(value):
            return []
        return [Finding(str(self.command[1]), _told(str(self.command[2]), value), self.should, advice)]


def stands_at(key: str, member: str, score: int) -> Claim:
    """The member is in a sorted set, with that score."""
    return Claim(("ZSCORE", key, member), lambda value: number(value) == score, _told(member, str(score)))


def stands_in(key: str, member: str) -> Claim:
    """The member is in a sorted set, with whatever score."""
    return Claim(("ZSCORE", key, member), lambda value: value is not None, f"{member} in it")


def is_not_in(key: str, member: str) -> Claim:
    """The member is not in a sorted set."""
    return Claim(("ZSCORE", key, member), lambda value: value is None, _told(member, None))


def has_field(key: str, field: str, value: str | None) -> Claim:
    """A field of a hash has that value; None: there is no such field."""
    return Claim(("HGET", key, field), lambda found: found == value, _told(field, value))


def is_member(key: str, member: str, *, so: bool = True) -> Claim:
    """The member is in a set, or (`so` False) it is not."""
    return Claim(("SISMEMBER", key, member), lambda found: found == str(int(so)), _told(member, str(int(so))))


def judged(claims: Sequence[Claim], advice: str) -> Steps[list[Finding]]:
    """The findings of claims that do not hold."""
    replies = yield from ask(*(claim.command for claim in claims))
    return [found for claim, reply in zip(claims, replies, strict=True) for found in claim.judge(reply, advice)]


def _told(member: str, value: str | None) -> str:
    return f"no {member}" if value is None else f"{member} = {value}"


def contrary(said: str, *, so: bool) -> tuple[str, str]:
    """What stands and what should, when it is the contrary of what is `so`."""
    return (f"no {said}", said) if so else (said, f"no {said}")


def text(reply: Any) -> str | None:
    """A reply that is one value, as text."""
    if reply is None:
        return None
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)


def number(value: str | None) -> int | None:
    """A score or a number, whichever way it is written."""
    return None if value is None else int(float(value))


def fields_of(names: Iterable[str], replies: Iterable[Any]) -> dict[str, str]:
    """The fields that a record has, of those that were asked for."""
    return {name: value for name, reply in zip(names, replies, strict=True) if (value := text(reply)) is not None}


def hash_of(reply: Any) -> dict[str, str]:
    """A whole hash."""
    words = [text(word) or "" for word in reply]
    return dict(zip(words[::2], words[1::2], strict=True))


def words_of(reply: Any) -> list[str]:
    """The members of a set, or the values of a hash, sorted."""
    return sorted(text(word) or "" for word in reply)
