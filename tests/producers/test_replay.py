"""`fairlead produce replay` on the files that people have: read, or refused with what to do."""

import gzip
import io
import json
import os
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from commands import Done, Run
from conftest import RealServer
from raw import raw

from fairlead.store import reading
from fairlead.store.client import Store

NOWHERE = "unix:///nowhere"
"""A dry run asks no server."""


@pytest.fixture
def dry(run: Run, tmp_path: Path) -> Any:
    """What `replay --dry-run --json` tells of a content."""

    def dry(content: str | bytes, *options: str, name: str = "calls.csv", code: int = 0) -> dict[str, Any]:
        done = typed(content, *options, name=name)
        assert done.code == code, done.err
        return dict(json.loads(done.out))

    def typed(content: str | bytes, *options: str, name: str = "calls.csv") -> Done:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return run(NOWHERE, "produce", "replay", str(file), "--dry-run", "--json", *options)

    dry.typed = typed  # type: ignore[attr-defined]
    return dry


def queues_of(told: dict[str, Any]) -> list[str]:
    return [row["queue"] for row in told["first"]]


ZURICH = ("--time-zone", "Europe/Zurich")

PLAIN = "queue,channel\nSales,voice\nHelp,chat\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PLAIN, "calls.csv"), ("\ufeff" + PLAIN, "calls.csv"), (PLAIN.replace(",", ";"), "calls.csv"),
        (PLAIN.replace(",", "\t"), "calls.tsv"), (PLAIN.replace(",", "|"), "calls.txt"),
        (PLAIN.replace("\n", "\r\n"), "calls.csv"), (PLAIN.replace("\n", "\r"), "calls.csv"),
        ("sep=;\r\n" + PLAIN.replace(",", ";"), "calls.csv"), (PLAIN.encode("utf-16"), "calls.csv"),
        (PLAIN.encode("utf-16-le"), "calls.csv"), (PLAIN.encode("utf-16-be"), "calls.csv"),
        (PLAIN.encode("utf-32"), "calls.csv"), (gzip.compress(PLAIN.encode(), mtime=0), "calls.csv.gz"),
        (PLAIN, "calls"), ("queue\nSales\nHelp", "calls"),
        ('{"queue": "Sales"}\n\n{"queue": "Help"}\n', "calls.jsonl"), ('{"queue": "Sales"}\n{"queue":"Help"}', "calls"),
        ('[{"queue": "Sales"},\n {"queue": "Help"}]', "calls.json"), (" \n" + PLAIN + "\n\n", "calls.csv"),
        (' queue , channel\n"Sales",voice\nHelp,"Chat"\n', "calls.csv"),
    ],
)  # fmt: skip
def test_a_file_is_read_however_it_is_written(dry: Any, content: str | bytes, name: str) -> None:
    told = dry(content, name=name)

    assert queues_of(told) == ["Sales", "Help"]


def test_a_quoted_line_break_belongs_to_its_row_and_lines_are_counted_on(dry: Any) -> None:
    told = dry('queue,note\nSales,"first\nsecond\u2028third"\nHelp,\n')

    assert [(row["line"], row["queue"]) for row in told["first"]] == [(2, "Sales"), (4, "Help")]


def test_channels_in_capitals_are_read(dry: Any) -> None:
    told = dry("queue,channel\nQ,VOICE\nQ,Voice\nQ,Chat\nQ,\n")

    assert [row["channel"] for row in told["first"]] == ["voice", "voice", "chat", "voice"]


def test_times_of_day_come_with_a_date_column(dry: Any) -> None:
    told = dry("queue,date,time\nQ,2026-01-05,09:47\nQ,2026-01-05,0:00:36\n", "--time-columns", "date+time")

    assert [row["arrives"] for row in told["first"]] == ["2026-01-05 09:47:00", "2026-01-05 00:00:36"]


def test_times_of_day_are_by_the_wall_clock_of_the_time_zone_that_is_given(dry: Any) -> None:
    """In the night of 2026-03-29 the clocks go from 2 to 3, in that of 2026-10-25 from 3 back to 2."""
    times = ["2026-03-29 01:59", "2026-03-29 02:30", "2026-03-29 03:00", "2026-10-25 02:30", "2026-10-25T02:30+01:00"]

    told = dry("queue,t\n" + "".join(f"Q,{one}\n" for one in times), "--time-columns", "t", *ZURICH, code=2)

    assert told["time_zone"] == "Europe/Zurich"
    assert [row["arrives"] for row in told["first"]] == [
        "2026-03-29 01:59:00", "2026-03-29 03:00:00", "2026-10-25 02:30:00", "2026-10-25 02:30:00",
    ]  # fmt: skip
    assert [row["line"] for row in told["reasons"]] == [3]
    assert "there was no 2026-03-29 02:30:00 in Europe/Zurich" in told["reasons"][0]["reason"]


def test_times_that_came_twice_are_told(dry: Any) -> None:
    done = dry.typed("queue,t\nQ,2026-10-25 01:30\nQ,2026-10-25 02:30\n", "--time-columns", "t", *ZURICH)

    assert "1 times, the first in line 3, are of an hour that came twice" in done.err


def test_without_a_time_zone_nothing_is_told_of_clocks_and_times_are_utc(dry: Any) -> None:
    done = dry.typed("queue,t\nQ,2026-10-25 02:30\n", "--time-columns", "t")

    assert "came twice" not in done.err
    assert json.loads(done.out)["time_zone"] == "UTC"


def test_a_time_zone_that_is_none_is_refused(dry: Any) -> None:
    done = dry.typed("queue,t\nQ,2026-10-25 02:30\n", "--time-columns", "t", "--time-zone", "CEST")

    assert (done.code, "there is no time zone 'CEST'" in done.err) == (2, True)


def test_nested_json_is_reached_by_paths(dry: Any) -> None:
    record = {
        "ContactId": "c1", "Channel": "VOICE", "Queue": {"Name": "Sales", "EnqueueTimestamp": "2026-01-05T10:00:00Z"}
    }  # fmt: skip

    told = dry(
        json.dumps(record), "--queue-column", "Queue.Name", "--time-columns", "Queue.EnqueueTimestamp",
        "--channel-column", "Channel", "--id-column", "ContactId", name="records.jsonl",
    )  # fmt: skip

    (row,) = told["first"]
    assert (row["contact"], row["queue"], row["channel"], row["arrives"]) == (
        "c1", "Sales", "voice", "2026-01-05 10:00:00",
    )  # fmt: skip


def test_a_path_that_leads_nowhere_or_stops_early_is_told(dry: Any) -> None:
    content = '{"Queue": null}\n{"Queue": {"Name": ""}}\n{"Queue": {"Name": {"x": 1}}}\n'

    told = dry(content, "--queue-column", "Queue.Name", name="records.jsonl", code=2)

    reasons = [one["reason"] for one in told["reasons"]]
    assert reasons == ["has no column 'Queue.Name'", "Queue.Name is empty", reasons[2]]
    assert "Queue.Name is nested" in reasons[2]


QUEUES = "queue\nTechnical\nEnterprise Support\nSales=Old\n"


def test_a_map_leads_values_to_queues(dry: Any, tmp_path: Path) -> None:
    (tmp_path / "map").write_text("# our queues\n\nEnterprise Support = Enterprise\nSales=Old=Sales\n")

    inline = dry(QUEUES, "--queue-map", "Technical=Support,*=Other")
    listed = dry(QUEUES, "--queue-map", str(tmp_path / "map"))

    assert queues_of(inline) == ["Support", "Other", "Other"]
    assert queues_of(listed) == ["Technical", "Enterprise", "Sales"]


def test_a_queue_that_cannot_be_is_told_with_the_map_that_helps(dry: Any) -> None:
    told = dry(QUEUES, code=2)

    assert "--queue-map 'Enterprise Support=Enterprise-Support'" in told["reasons"][0]["reason"]


@pytest.mark.parametrize(("given", "why"), [("A=b c", "not a valid"), ("nofile", "nor a file"), ("A=B,C", "pair 2")])
def test_a_wrong_map_is_refused(dry: Any, given: str, why: str) -> None:
    done = dry.typed(QUEUES, "--queue-map", given)

    assert (done.code, why in done.err) == (2, True)


def test_an_empty_patience_is_a_customer_who_stays(dry: Any) -> None:
    told = dry("queue,waits\nQ,\nQ,12\n", "--patience-column", "waits")

    assert [row["patience_s"] for row in told["first"]] == [None, 12]


def test_numbers_that_are_none_are_rejected_by_line_and_reason(dry: Any) -> None:
    content = "queue,at,waits\nQ,nan,1\nQ,inf,1\nQ,1e400,1\nQ,1e300,1\nQ,5,nan\nQ,5,-1\nQ,5,1e300\nQ,5,1\n"

    told = dry(content, "--time-columns", "at", "--patience-column", "waits", code=2)

    assert (told["contacts"], [one["line"] for one in told["reasons"]]) == (1, [2, 3, 4, 5, 6, 7, 8])


def test_decimal_commas_are_read_where_semicolons_divide(dry: Any) -> None:
    told = dry("queue;waits\nQ;12,5\nQ;1,234\n", "--patience-column", "waits")

    assert [row["patience_s"] for row in told["first"]] == [12.5, 1.234]


LEGS = "id,queue\nc1,Sales\nc2,Sales\nc1,Help\n"


@pytest.mark.parametrize(("policy", "queues"), [("first", ["Sales", "Sales"]), ("last", ["Sales", "Help"])])
def test_of_rows_with_one_id_the_first_or_the_last_counts(dry: Any, policy: str, queues: list[str]) -> None:
    told = dry(LEGS, "--id-column", "id", "--on-duplicate", policy)

    assert (queues_of(told), told["duplicates"], told["rejected"]) == (queues, 1, 0)


def test_rows_with_one_id_are_rejected_with_the_way_out(dry: Any) -> None:
    told = dry(LEGS, "--id-column", "id", code=2)

    (only,) = told["reasons"]
    assert only["line"] == 4
    assert "that of line 2" in only["reason"]
    assert "--on-duplicate first" in only["reason"]


ODD = """\
queue,note
Sales
Sales,a,b
Sales,"never closed
"""


def test_rows_that_do_not_fit_the_header_are_rejected_one_by_one(dry: Any) -> None:
    told = dry(ODD + "Help,x\n", code=2)

    assert [one["reason"].partition(";")[0] for one in told["reasons"]] == [
        "has 1 cells, and the header has 2",
        "has 3 cells, and the header has 2",
        "a quote is opened and never closed: everything below belongs to it",
    ]


def test_a_zero_byte_or_an_endless_cell_costs_its_row_alone(dry: Any) -> None:
    told = dry(f"queue,note\nSales,a\0b\nSales,{'x' * 140_000}\nHelp,{'y' * 100_000}\nHelp,z\n", code=2)

    assert [one["line"] for one in told["reasons"]] == [2, 3, 4]
    assert queues_of(told) == ["Help"]
    assert "limit is 65,536" in told["reasons"][2]["reason"]


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "calls.csv", "is empty"), (b"\n \n", "calls.csv", "is empty"),
        ("queue,ort\nSales,K\xf6ln\n".encode("latin-1"), "calls.csv", "line 2 is not utf-8 (byte f6)"),
        (b"\xff\xfeq\0u\0x", "calls.csv", "is not utf-16 (byte 78): the file is damaged, or cut off"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], "c.csv.gz", "cut off"), (b"PK\x03\x04", "calls.xlsx", "Excel"),
        (b"SQLite format 3\0", "calls.db", "SQLite"), ("a,b\n1,2\n", "calls.csv", "name another by --queue-column"),
        ("Queue,b\n1,2\n", "calls.csv", "did you mean --queue-column 'Queue'?"),
        (",,\n", "calls.csv", "its cells are empty"),
        ("queue,a,queue\n1,2,3\n", "calls.csv", "two columns 'queue'"), ('"queue\n', "calls.csv", "never closed"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(dry: Any, content: Any, name: str, why: str) -> None:
    done = dry.typed(content, name=name)

    assert (done.code, why in done.err) == (2, True), done.err


def test_an_encoding_can_be_named_and_has_to_exist(dry: Any) -> None:
    content = "queue,ort\nSales,K\xf6ln\n".encode("latin-1")

    assert dry(content, "--encoding", "windows-1252")["contacts"] == 1
    assert "does not exist" in dry.typed(content, "--encoding", "klingon").err
    assert "does not exist" in dry.typed(content, "--encoding", "base64").err


def test_a_header_alone_or_no_lines_are_no_contacts(dry: Any) -> None:
    assert dry("queue,channel\n")["contacts"] == 0
    assert dry("", name="calls.jsonl")["contacts"] == 0


def test_a_folder_and_a_missing_file_are_refused(run: Run, tmp_path: Path) -> None:
    for path, why in ((tmp_path, "directory"), (tmp_path / "none.csv", "No such file")):
        done = run(NOWHERE, "produce", "replay", str(path), "--dry-run")

        assert (done.code, why in done.err) == (2, True)


def test_a_pipe_is_read_to_its_end(run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=[PLAIN])
    writer.start()

    done = run(NOWHERE, "produce", "replay", str(pipe), "--dry-run", "--json")

    writer.join()
    assert json.loads(done.out)["contacts"] == 2


@pytest.mark.parametrize("at", ["1767600000", "1767600000.123456"])
def test_a_queue_log_is_known_by_its_first_line(dry: Any, at: str) -> None:
    told = dry(f"{at}|c1|sales|NONE|ENTERQUEUE||491701234|1\n", name="full")

    assert [(row["contact"], row["queue"], row["arrives"]) for row in told["first"]] == [
        ("c1", "sales", "2026-01-05 08:00:00"),
    ]  # fmt: skip


def test_where_takes_the_rows_in_which_it_holds(dry: Any) -> None:
    told = dry("day,queue\n1,Sales\n2,Help\n", "--where", "day=2")

    assert queues_of(told) == ["Help"]


def test_a_dry_run_shows_a_person_the_rows_and_what_is_wrong(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("queue,at\nSales,09:47\nSales,lunch\n")

    done = run(NOWHERE, "produce", "replay", str(file), "--dry-run", "--time-columns", "at")

    assert done.code == 2
    assert "09:47:00" in done.out
    assert "1 contacts, 1 rejected; nothing was sent" in done.out
    assert "line 3: 'lunch' is not a time" in done.err


def test_one_bad_line_and_json_give_the_summary(run: Run, server: RealServer, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("queue\nBasicQueue\nNowhere\nEnterprise Support\n")

    done = run(server.url, "produce", "replay", str(file), "--json", "--rejects", str(tmp_path / "bad"))

    told = json.loads(done.out)
    assert (done.code, told["pushed"], told["rejected"], len(told["reasons"])) == (2, 1, 2, 2)
    rejected = [json.loads(line) for line in (tmp_path / "bad").read_text().splitlines()]
    assert [one["line"] for one in rejected] == [4, 3]
    assert "--queue-map" in rejected[1]["reason"]


def test_the_same_input_of_a_pipe_is_pushed_once_and_other_input_is_other_contacts(
    run: Run, server: RealServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def push(content: str) -> dict[str, Any]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
        return dict(json.loads(run(server.url, "produce", "replay", "-", "--format", "csv", "--json").out))

    told = [push("queue\nBasicQueue\n"), push("queue\nBasicQueue\n"), push("queue,x\nBasicQueue,1\n")]

    assert [(one["pushed"], one["repeated"]) for one in told] == [(1, 0), (0, 1), (1, 0)]


def test_what_an_intake_shall_choose_needs_no_queue_and_columns_become_attributes(dry: Any) -> None:
    told = dry("tier,language\ngold,\n,fr\n", "--intake", "Front", "--attribute-columns", "tier+language")

    assert [(row["line"], row["intake"]) for row in told["first"]] == [(2, "Front"), (3, "Front")]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--attribute-columns", "tiers"), "has no column 'tiers'; did you mean --attribute-columns 'tier'?"),
        (("--queue-map", "*=Q"), "give --intake or --queue-map, not both"),
    ],
)
def test_options_of_an_intake_that_do_not_fit_are_told(dry: Any, options: tuple[str, ...], reason: str) -> None:
    done = dry.typed("tier\ngold\n", "--intake", "Front", *options)

    assert (done.code, reason in done.err) == (2, True)


def test_a_queue_log_is_replayed_and_who_gave_up_leaves(run: Run, server: RealServer, tmp_path: Path) -> None:
    file = tmp_path / "queue_log"
    file.write_text(
        "1767600000|c1|q|NONE|ENTERQUEUE||491701234|1\n1767600005|c1|q|SIP/1|CONNECT|5|x|3\n"
        "1767600010|c2|q|NONE|ENTERQUEUE||491701234|1\n1767600022|c2|q|NONE|ABANDON|1|1|12\n"
    )

    done = run(
        server.url, "produce", "replay", str(file), "--queue-map", "q=BasicQueue", "--pace", "1000000", "--json"
    )  # fmt: skip

    assert json.loads(done.out)["left"] == 1
    store = Store(server.client())
    assert [store.run(reading.contact(one)).state for one in ("c1", "c2")] == ["queued", "abandoned"]
    assert raw(store).exists("{fairlead}:contact:c1")
