"""Samples of other systems' files, and what is imported from them."""

from pathlib import Path

from fairlead.configuration.importing.formats import Imported, ImportFormat, import_configuration
from fairlead.configuration.importing.sources import Source

SAMPLES = Path(__file__).parent / "configuration" / "samples"

BY_FORMAT: list[tuple[ImportFormat, tuple[str, ...]]] = [
    (ImportFormat.TERRAFORM, ("centre.tf.json",)), (ImportFormat.TERRAFORM, ("plan.json",)),
    (ImportFormat.CLOUDFORMATION, ("template.yaml",)), (ImportFormat.CLOUDFORMATION, ("template.json",)),
    (ImportFormat.CONNECT, ("connect.json", "queues-of-p-1.json")), (ImportFormat.ASTERISK, ("queues.conf",)),
    (ImportFormat.FREESWITCH, ("callcenter.conf.xml",)), (ImportFormat.TASKROUTER, ("taskrouter.json",)),
    (ImportFormat.CSV, ("agents.csv",)),
]  # fmt: skip


def sample(name: str) -> Source:
    return Source(name, (SAMPLES / name).read_text(encoding="utf-8"))


def imported(*names: str, file_format: ImportFormat = ImportFormat.AUTO) -> Imported:
    return import_configuration(file_format, [sample(name) for name in names])


def notes_of(one: Imported, section: str = "", name: str = "") -> str:
    return "\n".join(note.text for note in one.notes if (note.section, note.name) == (section, name))


def of_text(file_format: ImportFormat, text: str, name: str = "file") -> Imported:
    return import_configuration(file_format, [Source(name, text)])
