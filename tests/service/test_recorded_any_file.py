"""Whatever a file of contacts has: each line is a contact or a reject, or the whole is refused with the reason."""

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.cli.recordings import Recorded, read_recording
from fairlead.errors import BadInput
from fairlead.files.rows import FileFormat
from fairlead.service.recorded.arrivals import Arrival, Columns, OnDuplicate

COLUMNS = Columns(queue="q", time=("d", "t"), patience="p", handle="h", leaves=("o", "x"), contact_id="id")
ANY = Columns(queue="q")
HEADER = "q,d,t,p,h,o,id\n"
CELLS = st.sampled_from(
    ["", "Q", "nan", "1e999", "-1", "09:47", "24:00", "2026-01-05", "1/2/2026", "1,5", '"', "\0", "\r", "x" * 70_000]
) | st.text(max_size=5)  # fmt: skip


def read(folder: Path, content: bytes, columns: Columns, kind: FileFormat | None) -> Recorded | None:
    """What is read; each line has a reason or a place."""
    file = folder / "calls"
    file.write_bytes(content)
    try:
        found = read_recording(file, columns, kind, on_duplicate=OnDuplicate.LAST)
    except BadInput:
        return None
    assert all(row.line > 0 for row in found.rows)
    assert all(one.reason for one in found.rejects)
    return found


anywhere = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@anywhere
@given(content=st.binary() | st.text().map(str.encode), kind=st.sampled_from([None, *FileFormat]))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, kind: FileFormat | None) -> None:
    read(tmp_path, content, ANY, kind)
    read(tmp_path, gzip.compress(content, 1), COLUMNS, kind)


@anywhere
@given(rows=st.lists(st.lists(CELLS, min_size=6, max_size=8).map(",".join), max_size=4))
def test_any_row_is_a_contact_or_a_reject(tmp_path: Path, rows: list[str]) -> None:
    found = read(tmp_path, (HEADER + "\n".join(rows)).encode(), COLUMNS, FileFormat.CSV)

    assert found is not None
    assert all(isinstance(row, Arrival) or row.reason for row in found.rows)


@anywhere
@given(
    value=st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | CELLS, lambda one: (
        st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["q", "d", "t", "p", "h", "o", "id", ""]), one)
    ), max_leaves=20)
)  # fmt: skip
def test_any_json_is_a_contact_or_a_reject(tmp_path: Path, value: object) -> None:
    text = f'{{"q": "Q", "d": 1, "t": 2, "p": 3, "h": 4, "o": "x", "id": "c"}}\n{json.dumps(value)}\n'

    found = read(tmp_path, text.encode("utf-8", "surrogatepass"), COLUMNS, FileFormat.JSONL)

    assert found is None or len(found.rows) >= 1


LOG = "1767600000|c1|q|NONE|ENTERQUEUE||1|1\n1767600005|c1|q|A|CONNECT|5|x|3\n1767600015|c1|q|A|COMPLETEAGENT|5|10|1\n"


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_queue_log_is_read_line_by_line(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    text = list(LOG * 3)
    for _ in range(chance.randint(1, 12)):
        text[chance.randrange(len(text))] = chance.choice(["", "|", "\n", "x", "-", "nan", "9" * 400, "e9"])

    assert read(tmp_path, "".join(text).encode(), ANY, FileFormat.QUEUE_LOG) is not None
