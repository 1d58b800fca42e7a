"""One object of a configuration, apart from the file: between plain values and the domain, with the file's limits."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from fairlead.configuration.checking import Problem, instance_problems, own_problems
from fairlead.configuration.converting import document_of_object, instance_document, object_of
from fairlead.configuration.document import DOCUMENTS, SECTIONS, ObjectDocument
from fairlead.configuration.reading import path_text, why_refused
from fairlead.domain.configuration import Configuration, built_in_statuses
from fairlead.domain.names import checked_name
from fairlead.domain.objects import KINDS, Kind, Object, kind_of
from fairlead.errors import InvalidConfiguration


def parse_object(kind: Kind, name: str, values: Mapping[str, Any]) -> Object:
    """The object that plain values describe, as the file's table of it does.

    Raises InvalidName, or InvalidConfiguration, which lists every problem. Whether the objects that it names are there
    is known when it is put.
    """
    checked_name(kind, name)
    try:
        document = DOCUMENTS[kind].model_validate(values)
    except ValidationError as failure:
        raise _invalid(kind, name, _limits_broken(kind, name, failure)) from failure
    _check(kind, name, document)
    return object_of(name, document)


def check_object(one: Object) -> None:
    """Raises what `parse_object` would raise for the values of an object."""
    kind = kind_of(one)
    checked_name(kind, one.name)
    try:
        document = document_of_object(one)
    except ValidationError as failure:
        raise _invalid(kind, one.name, _limits_broken(kind, one.name, failure)) from failure
    _check(kind, one.name, document)


def check_configuration(target: Configuration) -> None:
    """Raises what `check_object` raises for an object, and InvalidConfiguration for what a file could not say.

    Whether the objects that others name are there is known when it is applied.
    """
    for kind in KINDS:
        for name, one in target.of_kind(kind).items():
            if name != one.name:
                raise InvalidConfiguration(f"{SECTIONS[kind]}.{name}: the {kind} there has another name, {one.name!r}")
            check_object(one)
    if missing := sorted(built_in_statuses().keys() - target.statuses.keys()):
        raise InvalidConfiguration(f"statuses: {' and '.join(missing)} cannot be removed: every configuration has them")
    try:
        instance = instance_document(target)
    except ValidationError as failure:
        lines = [f"{path_text(('instance', *error['loc']))}: {why_refused(error)}" for error in failure.errors()]
        raise InvalidConfiguration("\n".join(lines)) from failure
    if problems := [f"{path_text(('instance', *path))}: {why}" for path, why in instance_problems(instance)]:
        raise InvalidConfiguration("\n".join(problems))


def object_values(one: Object) -> dict[str, Any]:
    """Plain values, fit for JSON, that `parse_object` makes the same object of; defaults are left out."""
    return document_of_object(one).model_dump(mode="json", exclude_defaults=True, exclude_none=True)


def object_schema(kind: Kind) -> dict[str, Any]:
    """The JSON schema of the values of an object."""
    return DOCUMENTS[kind].model_json_schema()


def _check(kind: Kind, name: str, document: ObjectDocument) -> None:
    problems = list(own_problems(name, document))
    if problems:
        raise _invalid(kind, name, problems)


def _limits_broken(kind: Kind, name: str, failure: ValidationError) -> Iterable[Problem]:
    for error in failure.errors():
        yield error["loc"], why_refused({**error, "loc": (SECTIONS[kind], name, *error["loc"])})


def _invalid(kind: Kind, name: str, problems: Iterable[Problem]) -> InvalidConfiguration:
    lines = [f"{path_text((SECTIONS[kind], name, *path))}: {why}" for path, why in problems]
    return InvalidConfiguration("\n".join(lines))
