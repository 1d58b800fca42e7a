"""The formats that are imported, and which one a file has."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from fairlead.configuration.importing import (
    agents_csv,
    asterisk,
    cloudformation,
    connect,
    freeswitch,
    taskrouter,
    terraform,
)
from fairlead.configuration.importing.draft import Draft, Note
from fairlead.configuration.importing.settling import settle
from fairlead.configuration.importing.sources import Source, json_documents, mapping, mappings
from fairlead.configuration.writing import render
from fairlead.domain.configuration import Configuration
from fairlead.errors import InvalidConfiguration


class ImportFormat(StrEnum):
    """What files to import are written in."""

    AUTO = "auto"
    TERRAFORM = "terraform"
    CLOUDFORMATION = "cloudformation"
    CONNECT = "connect"
    ASTERISK = "asterisk"
    FREESWITCH = "freeswitch"
    TASKROUTER = "taskrouter"
    CSV = "csv"


Reader: TypeAlias = Callable[[Sequence[Source]], Draft]

READERS: Mapping[ImportFormat, Reader] = {
    ImportFormat.TERRAFORM: terraform.read, ImportFormat.CLOUDFORMATION: cloudformation.read,
    ImportFormat.CONNECT: connect.read, ImportFormat.ASTERISK: asterisk.read,
    ImportFormat.FREESWITCH: freeswitch.read, ImportFormat.TASKROUTER: taskrouter.read,
    ImportFormat.CSV: agents_csv.read,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imported:
    """A configuration that can be applied, and what a person should know of it."""

    file_format: ImportFormat
    configuration: Configuration
    notes: Sequence[Note]

    def text(self, names: Sequence[str]) -> str:
        """The configuration file, with the notes as comments."""
        comments: dict[tuple[str, str], list[str]] = {}
        for note in self.notes:
            comments.setdefault((note.section, note.name), []).append(note.text)
        head = f"imported from {', '.join(names)} ({self.file_format})"
        return render(self.configuration, {**comments, ("", ""): [head, *comments.get(("", ""), [])]})


def import_configuration(file_format: ImportFormat, sources: Sequence[Source]) -> Imported:
    """The configuration that files of another system describe. Raises InvalidConfiguration."""
    used = _format_of_all(sources) if file_format is ImportFormat.AUTO else file_format
    draft = READERS[used](sources)
    return Imported(used, settle(draft), draft.notes)


def _format_of_all(sources: Sequence[Source]) -> ImportFormat:
    found = {source.name: _format_of(source) for source in sources}
    if len({*found.values()}) > 1:
        told = ", ".join(f"{name} is {one}" for name, one in found.items())
        raise InvalidConfiguration(f"the files have several formats ({told}): import them one after the other")
    return next(iter(found.values()))


def _format_of(source: Source) -> ImportFormat:
    """The format of a file by what is in it. Raises InvalidConfiguration."""
    begins = source.text.lstrip()
    if begins.startswith("<"):
        return ImportFormat.FREESWITCH
    if begins.startswith(("{", "[{", "[\n", "[\r", "[ ")):
        return _format_of_json(source, list(json_documents(source)))
    if re.search(r"^Resources\s*:", source.text, re.MULTILINE):
        return ImportFormat.CLOUDFORMATION
    if re.search(r"^\s*\[[^\]]+\]", source.text, re.MULTILINE):
        return ImportFormat.ASTERISK
    first = begins.partition("\n")[0]
    if any(delimiter in first for delimiter in ",;\t|"):
        return ImportFormat.CSV
    raise InvalidConfiguration(f"{source.name}: its format is not known by what is in it: {_NAMED}")


def _format_of_json(source: Source, documents: Sequence[Any]) -> ImportFormat:
    for document in (one for many in documents for one in mappings(many)):
        if any("AWS::Connect" in str(mapping(one).get("Type")) for one in mapping(document.get("Resources")).values()):
            return ImportFormat.CLOUDFORMATION
        if terraform.is_terraform(document):
            return ImportFormat.TERRAFORM
        if connect.is_connect(document):
            return ImportFormat.CONNECT
    if any(taskrouter.is_taskrouter(document) for document in documents):
        return ImportFormat.TASKROUTER
    raise InvalidConfiguration(f"{source.name}: is JSON of none of the formats that are known: {_NAMED}")


_NAMED = f"name one of {', '.join(one for one in ImportFormat if one is not ImportFormat.AUTO)}"
