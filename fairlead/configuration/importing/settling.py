"""A draft made into a configuration: what is not allowed is left out, and told."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from fairlead.configuration.checking import problems_of
from fairlead.configuration.converting import configuration_of
from fairlead.configuration.document import Document
from fairlead.configuration.importing.draft import Draft
from fairlead.configuration.reading import path_text, why_refused
from fairlead.domain.configuration import Configuration
from fairlead.errors import InvalidConfiguration

LONGEST_SHOWN = 60


def settle(draft: Draft) -> Configuration:
    """The configuration of a draft; notes of it are added, and those of objects that are left out concern the whole.

    Raises InvalidConfiguration when nothing is left.
    """
    raw: dict[str, Any] = {section: table for section, table in draft.objects.items() if table}
    document = _allowed(draft, raw)
    while problems := [(path, why, False) for path, why in problems_of(document)]:
        _leave_all_out(draft, raw, problems)
        document = _allowed(draft, raw)
    if not any(raw.values()):
        told = "; ".join(dict.fromkeys(note.text for note in draft.notes))
        raise InvalidConfiguration(f"nothing in the files belongs into a configuration: {told[:500]}".rstrip(": "))
    return configuration_of(document)


def _allowed(draft: Draft, raw: dict[str, Any]) -> Document:
    """The document of what is allowed by itself."""
    while True:
        try:
            return Document.model_validate(raw)
        except ValidationError as failure:
            problems = [(error["loc"], why_refused(error), error["type"] == "missing") for error in failure.errors()]
            _leave_all_out(draft, raw, problems)


def _leave_all_out(draft: Draft, raw: dict[str, Any], problems: Sequence[tuple[Sequence[Any], str, bool]]) -> None:
    """Remove each wrong part once; the last of a list first, so that the places of the others hold."""
    found = {tuple(path[:4]): (path, why, is_missing) for path, why, is_missing in reversed(problems)}
    for key in sorted(found, key=lambda path: [str(part).zfill(9) for part in path], reverse=True):
        path, why, is_missing = found[key]
        _leave_out(draft, raw, path, why, is_missing=is_missing)


def _leave_out(draft: Draft, raw: dict[str, Any], path: Sequence[Any], why: str, *, is_missing: bool) -> None:
    """Remove what stands at a path, or what it belongs to, and note it."""
    places = [part for part in path if part != "[key]"]
    if is_missing:
        places.pop()
    section, name, *inner = places
    one = raw.get(section, {}).get(name)
    if one is None:
        return
    removed = _removed(one, inner)
    if removed is None:
        del raw[section][name]
        draft.say("", "", f"{section} {name!r} is left out: {path_text(path[2:])}: {why}".replace(": : ", ": "))
        return
    at, value = removed
    shown = "" if isinstance(value, dict | list) else f" {str(value)[:LONGEST_SHOWN]!r}"
    draft.say(section, name, f"{path_text(at)}{shown} is left out: {why}")


def _removed(one: dict[str, Any], inner: Sequence[Any]) -> tuple[list[Any], Any] | None:
    """Remove the entry, the member or the setting of an object to which a path leads; None: it needs what is there."""
    if not inner or inner[0] in ("profile", "timezone", "type") or inner[0] not in one:
        return None
    holder, key, at = one, inner[0], [inner[0]]
    if len(inner) > 1 and isinstance(one[key], dict | list):
        try:
            one[key][inner[1]]
        except (KeyError, IndexError, TypeError):
            return at, holder.pop(key)
        if key == "channels" and len(one[key]) == 1:
            return None
        return [*at, inner[1]], one[key].pop(inner[1])
    return at, holder.pop(key)
