"""The text of a file, whatever wrote it: compressed or not, in UTF-8, UTF-16 or what the user says."""

import codecs
import gzip
import sys
import zlib
from pathlib import Path

from fairlead.errors import BadInput

STANDARD_INPUT = Path("-")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
"""Byte order marks; that of UTF-32 begins as the one of UTF-16 does, and so comes first."""

_OTHERS = {
    b"PK\x03\x04": "an Excel workbook or a ZIP file: save it as CSV, or unpack it",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV",
    b"PAR1": "a Parquet file: write it as CSV or JSON lines",
    b"SQLite format 3\x00": "a SQLite database: write the table as CSV",
    b"%PDF": "a PDF: export the data as CSV",
    b"BZh": "compressed by bzip2: unpack it, or pack it by gzip",
    b"\xfd7zXZ": "compressed by xz: unpack it, or pack it by gzip",
    b"\x28\xb5\x2f\xfd": "compressed by zstd: unpack it, or pack it by gzip",
}
"""What files are that people give and nobody can read as text, by how they begin."""

_HINTS = {"utf-8": ": files of Windows are often --encoding windows-1252, others --encoding latin-1"}


def bytes_of(file: Path) -> bytes:
    """What is in a file, unpacked where it is packed by gzip; "-" is standard input. Raises BadInput."""
    try:
        content = sys.stdin.buffer.read() if file == STANDARD_INPUT else file.read_bytes()
    except OSError as failure:
        raise BadInput(f"{file}: cannot be read: {failure.strerror or failure}") from failure
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as failure:
            raise BadInput(f"{file}: cannot be unpacked, and is perhaps cut off: {failure}") from failure
    for begins, what in _OTHERS.items():
        if content.startswith(begins):
            raise BadInput(f"{file}: is {what}")
    return content


def text_of(content: bytes, name: str, encoding: str = "") -> str:
    """The content of a file as text, without a byte order mark. `encoding` "": what the file says, else UTF-8.

    Raises BadInput, which names the line that is not in the encoding.
    """
    used = encoding or next((used for mark, used in _MARKS if content.startswith(mark)), "") or _without_mark(content)
    try:
        return content.decode(used).removeprefix("\ufeff")
    except LookupError:
        raise BadInput(f"encoding {used!r} does not exist: write, for example, utf-8 or windows-1252") from None
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        found = " ".join(f"{one:02x}" for one in content[failure.start : failure.end][:4])
        hint = "" if encoding else _HINTS.get(used, ": the file is damaged, or cut off")
        raise BadInput(f"{name}: line {line} is not {used.removesuffix('-sig')} (byte {found}){hint}") from failure
    except (UnicodeError, ValueError) as failure:  # UTF-16 and the codecs of Python's own have other errors
        raise BadInput(f"{name}: is not {used}: {failure}") from failure


def _without_mark(content: bytes) -> str:
    """UTF-16 that has no mark has a zero at every other byte of what is ASCII; all else should be UTF-8."""
    begins = content[:200]
    if len(begins) >= 4 and not any(begins[1:8:2]) and all(begins[:8:2]):
        return "utf-16-le"
    return "utf-16-be" if len(begins) >= 4 and not any(begins[:8:2]) and all(begins[1:8:2]) else "utf-8"
