"""What to say of a name that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches


def hint(name: str, known: Iterable[str]) -> str:
    """`; did you mean Support? It has Sales, Support`, without the question when no name is like it."""
    names = list(known)
    close = get_close_matches(name, names, n=1)
    there = ", ".join(names) or "none"
    return f"; did you mean {close[0]}? It has {there}" if close else f"; it has {there}"
