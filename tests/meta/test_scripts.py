"""Every script keeps its contract, and refuses before it writes."""

import json
import re
from pathlib import Path

import pytest
import redis

from fairlead.store import scripts
from fairlead.store.contracts import Header, read_header, whole
from fairlead.store.joining import known_to
from fairlead.store.keys import Keys
from fairlead.store.known import KNOWN, in_lua
from fairlead.store.refusals import codes
from fairlead.store.request import Request
from fairlead.store.scripts import load
from fairlead.store.sources import FLOORS, floors, function_source, names, source

LUA = Path(scripts.__file__).parent / "lua"

WRITES = re.compile(
    r"redis\.call\('(HSET|HDEL|HINCRBY|SET|DEL|ZADD|ZREM|XADD|RPUSH|SADD|SREM|EXPIRE)'|"
    r"\b(requeue|end_contact|end_session|fill_and_tell|fill|free_slot|set_slot|connect|next_stamp|change_status|"
    r"configure|hold_session|enqueue|leave_wait|leave_line|leave_offer|finish|hand_over|move_to|line_up|enter_line|park|"
    r"emit|count)\("
)


@pytest.mark.parametrize("name", names())
def test_a_script_refuses_before_it_writes(name: str) -> None:
    lines = whole(source(name)).splitlines()

    first_write = next(
        (place for place, line in enumerate(lines) if WRITES.search(line) and not line.startswith("--")), len(lines)
    )
    refusals = [place for place, line in enumerate(lines) if re.search(r"error_reply|\brefuse\(", line)]

    repeated_sign_in = name == "sign_in"  # a repetition of the same sign-in answers first, and ends the script
    assert repeated_sign_in or all(place < first_write for place in refusals)


@pytest.mark.parametrize("name", names())
def test_a_script_declares_exactly_the_refusals_that_it_makes(name: str) -> None:
    header = load(name).header
    text = source(name) + "".join(function_source(used) for used in header.uses + header.rarely)

    made = set(re.findall(r"'([A-Z]+(?:_[A-Z]+)+) ", re.sub(r"^--.*$", "", text, flags=re.MULTILINE)))

    assert made == {error.split()[0] for error in header.errors}
    assert made <= codes()


@pytest.mark.parametrize("name", [*names(), *(f"{floor}/{one}" for one, floor in floors().items())])
def test_a_file_declares_exactly_the_functions_that_it_uses(name: str) -> None:
    text = re.sub(r"--.*$", "", whole(source(name)), flags=re.MULTILINE)

    called = {one for one in floors() if re.search(rf"(?<![.\w'])(?<!function ){one}\(", text)}

    header = read_header(source(name))
    assert {*header.uses, *header.rarely} == called - {name.rpartition("/")[2]}
    assert set(header.uses).isdisjoint(header.rarely)


@pytest.mark.parametrize("name", floors())
def test_a_shared_function_uses_its_own_floor_and_those_below(name: str) -> None:
    own = FLOORS.index(floors()[name])

    header = read_header(function_source(name))
    above = {used: floors()[used] for used in header.uses + header.rarely if FLOORS.index(floors()[used]) > own}

    assert above == {}


def test_a_request_of_a_session_says_so() -> None:
    spelled = [name for name in names() if re.search(r"\b(open_session|fill_and_tell)\(", source(name))]
    sessions = {name for name in names() if load(name).header.is_session}

    assert spelled == ["resume_session", "sign_in"]
    assert {
        name for name in names() if {"op", "last_token"} <= {arg.name for arg in load(name).header.args}
    } == sessions
    assert len(sessions) > 10
    for name in sessions:
        assert load(name).plain_text.endswith("\nreturn F.fill_and_tell(engine, agent, last_token, fenced, parked)\n")


@pytest.mark.parametrize("name", sorted(set(floors()) - {"spent"}))
def test_a_shared_function_keeps_nothing_from_one_run_to_the_next(name: str) -> None:
    lines = [line for line in function_source(name).splitlines() if not line.startswith("--")]

    outside = [line for line in lines if line and not line.startswith(" ")]
    globals_ = [line for line in lines if re.match(r"\s*function \w+\(", line)]

    assert re.fullmatch(rf"local function {name}\([^()]*\)(\nend| .* end)", "\n".join(outside))
    assert globals_ == []


@pytest.mark.parametrize("name", [*names(), *(f"{floor}/{one}" for one, floor in floors().items())])
def test_nobody_writes_into_a_value_that_is_known(name: str) -> None:
    text = re.sub(r"--.*$", "", source(name), flags=re.MULTILINE)

    for known in read_header(source(name)).knows:
        assert not re.search(rf"\b{known}(\.\w+|\[[^\]]*\])* = |table\.(insert|remove|sort)\({known}\b", text)


def test_every_shared_function_is_used_and_has_a_name_of_its_own() -> None:
    headers = [load(name).header for name in names()] + [read_header(function_source(name)) for name in floors()]
    used = {one for header in headers for one in header.uses + header.rarely}

    assert used == floors().keys()
    assert len(list((LUA).glob("*/*.lua"))) == len(floors())


@pytest.mark.parametrize("file", sorted(LUA.rglob("*.lua")), ids=lambda file: str(file.relative_to(LUA)))
def test_a_line_of_lua_is_at_most_120_wide(file: Path) -> None:
    lines = file.read_text().splitlines()

    assert [line for line in lines if len(line) > 120] == []


@pytest.mark.parametrize("file", [*LUA.rglob("*.lua")], ids=lambda file: file.stem)
def test_no_other_file_spells_what_comes_due_or_a_rank(file: Path) -> None:
    text = re.sub(r"--.*$", "", file.read_text(), flags=re.MULTILINE)

    spelled = re.findall(r"'(?:session|offer|step|pause|start|slot|hours):' |%0\d+|\.\. ':' \.\. name", text)

    assert spelled == [] or file.stem in ("due_of", "key_of")


def test_a_wrong_name_of_an_argument_is_an_error() -> None:
    keys = Keys()
    request: Request[None] = Request(
        "abandon_contact", {"instance": keys.instance}, {"contact": "c", "now_us": 1}, read=lambda _: None
    )

    with pytest.raises(TypeError, match=r"missing \['id'\], unknown \['contact', 'now_us'\]"):
        load("abandon_contact").arguments(request)


@pytest.mark.parametrize("name", [*names(), *(f"{floor}/{one}" for one, floor in floors().items())])
def test_a_file_declares_exactly_the_values_that_it_knows(name: str) -> None:
    code = re.sub(r"--.*$|'[^'\n]*'", "", source(name), flags=re.MULTILINE)

    own = {one.strip() for locals_ in re.findall(r"local ([\w, ]+)", code) for one in locals_.split(",")}
    used = set(re.findall(r"(?<![.\w])[A-Z][A-Z_]+\b", code))

    assert set(read_header(source(name)).knows) == used - own - {"ARGV", "KEYS", "REST"}


def test_every_value_is_known_to_a_script_and_an_unknown_one_is_an_error() -> None:
    assert {known for name in names() for known in known_to(load(name).header)} == KNOWN.keys()
    with pytest.raises(ValueError, match="odd KNOWS NOTHING_SUCH: store/known"):
        known_to(Header("odd", "", knows=("NOTHING_SUCH",)))


@pytest.mark.parametrize("value", KNOWN)
def test_lua_reads_a_known_value_as_it_is_in_python(any_client: redis.Redis, value: str) -> None:
    known = KNOWN[value]
    expected = dict.fromkeys(known, True) if isinstance(known, frozenset) else known

    read = any_client.eval(f"return cjson.encode({in_lua(value)})", 0)

    assert json.loads(read) == json.loads(json.dumps(expected))
