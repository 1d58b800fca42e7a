"""What cannot be imported is refused with the file, the place and what to do; what is odd is left out and told."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from commands import Run
from imports import SAMPLES, notes_of, of_text, sample

from fairlead.configuration.importing.expressions import NotUnderstood, holds
from fairlead.configuration.importing.formats import ImportFormat, import_configuration
from fairlead.configuration.importing.translating import condition_of, criteria_of
from fairlead.configuration.reading import parse_configuration
from fairlead.domain.conditions import Facts, parse_condition
from fairlead.domain.conditions import holds as holds_here
from fairlead.domain.criteria import parse_expression
from fairlead.domain.names import allowed_name
from fairlead.errors import BadInput

BOMB = """<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<configuration><queues><queue name="&b;"/></queues></configuration>"""
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><queues><queue name="&e;"/></queues>'
LETTERS = "abcdefghijklm"
YAML_BOMB = "a: &a [x,x,x,x]\n" + "".join(
    f"{after}: &{after} [*{one},*{one},*{one},*{one}]\n" for one, after in pairwise(LETTERS)
)


@pytest.mark.parametrize(
    ("file_format", "text", "why"),
    [
        ("terraform", 'resource "aws_connect_queue" "q" {\n}\n', "terraform show -json"),
        ("terraform", '{"resource": {"aws_s3_bucket": {}}}', "has no resource aws_connect_"),
        ("terraform", '{"resource": {\n"x": }}', "line 2: not JSON"),
        ("cloudformation", "Resources:\n  A:\n\t- x\n", "line 3: not YAML"),
        ("cloudformation", "Resources: {B: {Type: AWS::S3::Bucket}}", "has no Resources of a type AWS::Connect::"),
        ("cloudformation", YAML_BOMB, "nested too deep, or refers to itself"),
        ("cloudformation", "a: &a [*a]", "recursive node"), ("cloudformation", "[" * 5_000, "not YAML"),
        ("connect", '{"Flows": []}', "has none of Queue"), ("connect", "[" * 100_000, "not JSON"),
        ("connect", '{"a":' * 300 + "1" + "}" * 300, "nested too deep"),
        ("connect", '{"UserProficiencyList": []}', "does not say of which user"),
        ("asterisk", "member => SIP/1\n", "file:1: 'member => SIP/1' is neither"),
        ("asterisk", "; none\n", "has no [section]"),
        ("freeswitch", "<a><b></a>", "line 1, column 8: not XML"), ("freeswitch", BOMB, "declares entities"),
        ("freeswitch", OUTSIDE, "declares entities"), ("freeswitch", "<a/>", "has no queue, agent or tier"),
        ("taskrouter", "{}", "has no task queue"), ("csv", "a,b\n1,2\n", "has no column agent"),
        ("csv", "agent,b\n1,2\n", "who serves what"), ("csv", "agent,queues\n", "nothing in the files"),
        ("auto", "hello", "format is not known"), ("auto", '{"a": 1}', "is JSON of none of the formats"),
        ("auto", "", "not known"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_refused_with_what_to_do(file_format: str, text: str, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        of_text(ImportFormat(file_format), text)

    assert why in str(refused.value)
    assert len(str(refused.value)) < 700


def test_files_of_several_formats_are_not_mixed() -> None:
    with pytest.raises(BadInput, match=r"queues\.conf is asterisk, agents\.csv is csv"):
        import_configuration(ImportFormat.AUTO, [sample("queues.conf"), sample("agents.csv")])


def test_what_breaks_a_limit_is_left_out_and_told() -> None:
    queue = {"Name": "Sales", "MaxContacts": -5, "Description": "x" * 300}
    entries = [
        {"QueueId": "Sales", "Channel": "VOICE", "Priority": 1, "Delay": 0},
        {"QueueId": "Sales", "Channel": "FAX", "Priority": 1, "Delay": 0},
        {"QueueId": "Gone", "Channel": "VOICE", "Priority": 1, "Delay": 0},
        {"QueueId": "Sales", "Channel": "CHAT", "Priority": 500, "Delay": 0},
    ]
    profile = {"Name": "P", "MediaConcurrencies": [
        {"Channel": "VOICE", "Concurrency": 1}, {"Channel": "CHAT", "Concurrency": 50},
    ]}  # fmt: skip
    documents: list[dict[str, Any]] = [
        {"Queue": queue}, {"RoutingProfile": profile}, {"RoutingProfileQueueConfigSummaryList": entries},
        {"User": {"Username": "ana", "RoutingProfileId": "Other"}},
    ]  # fmt: skip

    found = of_text(ImportFormat.CONNECT, "\n".join(map(json.dumps, documents)))

    made = found.configuration
    assert [entry.queue for entry in made.profiles["P"].entries] == ["Sales"]
    assert (made.queues["Sales"].max_contacts, made.agents) == (None, {})
    assert "max_contacts '-5' is left out" in notes_of(found, "queues", "Sales")
    assert "channels.chat is left out" in notes_of(found, "profiles", "P")
    assert "no queue 'Gone' in this file" in notes_of(found, "profiles", "P")
    assert "agents 'ana' is left out: profile: no profile 'Other'" in notes_of(found)


@pytest.mark.parametrize(
    ("key", "given", "acw"),
    [
        ("User", 60, 60), ("User", 0, "unlimited"), ("User", 2_000_000, "unlimited"), ("Users", 60_000, 60),
        ("Users", "x", None),
    ],
)  # fmt: skip
def test_after_contact_work_of_connect_has_its_unit_and_its_limit(key: str, given: object, acw: object) -> None:
    profile = {"Name": "P", "MediaConcurrencies": [{"Channel": "VOICE", "Concurrency": 1}]}
    user = {"Username": "ana", "RoutingProfileId": "P", "PhoneConfig": {"AfterContactWorkTimeLimit": given}}

    documents = [{"RoutingProfile": profile}, {key: user if key == "User" else [user]}]
    found = of_text(ImportFormat.CONNECT, "\n".join(map(json.dumps, documents)))

    assert found.configuration.agents["ana"].acw_s.get("voice") == acw
    assert ("7200 is the most" in notes_of(found, "agents", "ana")) == (given == 2_000_000)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sales", "Sales"), ("Enterprise Support", "Enterprise-Support"), ("Vertrieb Süd", "Vertrieb-Sud"),
        ("  -_.x", "x"), ("Straße & Co.", "Strasse-and-Co"), ("日本", ""), ("a" * 80, "a" * 64), ("a/b@c", "a-b-c"),
    ],
)  # fmt: skip
def test_a_text_becomes_the_nearest_name_that_is_allowed(text: str, name: str) -> None:
    assert allowed_name(text) == name


def test_names_that_would_be_one_are_told_apart() -> None:
    found = of_text(ImportFormat.ASTERISK, "[a b]\n[a/b]\n[A-B]\n[日本]\n")

    assert sorted(found.configuration.queues) == ["A-B-3", "Queue", "a-b", "a-b-2"]
    assert "was called 'a/b'" in notes_of(found, "queues", "a-b-2")


def test_a_note_of_many_lines_stays_a_comment() -> None:
    content = 'agent,queues,display_name\n"an\na","Sales",x\n"bo\u2028[queues.Evil]",Sales,y\n'
    found = of_text(ImportFormat.CSV, content, "a\nb.csv")

    text = found.text(["a\n[queues.Worse]"])

    assert parse_configuration(text, "made.toml") == found.configuration
    assert sorted(found.configuration.queues) == ["Sales"]


@pytest.mark.parametrize(
    ("expression", "is_so"),
    [
        ("", True), ("1 == 1", True), ("a.b == 'x'", True), ('a.b != "x"', False), ("skills HAS 'sales'", True),
        ("skills CONTAINS 'fr'", False), ("level >= 3 AND level < 4", True), ("level > 3 OR NOT (gone == 1)", True),
        ("a.b IN ['x', 'y']", True), ("a.b NOT IN ['x']", False), ("gone", False), ("worker.level = 3", True),
        ("gone > 3", False), ("'sal' IN skills", False), ("NOT level == 3", False), ("done == true", True),
    ],
)  # fmt: skip
def test_an_expression_is_evaluated_on_the_attributes_of_a_worker(expression: str, is_so: bool) -> None:
    assert holds(expression, {"a": {"b": "x"}, "skills": ["sales", "de"], "level": 3, "done": True}) is is_so


@pytest.mark.parametrize("expression", ["a ==", "(a", "a b", "a LIKE 'x'", "[1", "== 1", "a == 'x", "(" * 100, "a $ b"])
def test_an_expression_that_is_none_is_not_understood(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        holds(expression, {})


def test_the_command_writes_a_file_and_tells_how_much_of_it_is_lost(command: Run) -> None:
    done = command("import", "asterisk", str(SAMPLES / "queues.conf"))

    assert done.code == 0
    assert "Vertrieb-Sud" in parse_configuration(done.out, "out.toml").queues
    assert "asterisk: 3 queues, 3 profiles, 3 agents, 1 statuses; 10 notes are comments in the file" in done.err


def test_the_command_tells_a_program_what_had_no_counterpart(command: Run) -> None:
    done = command("import", "auto", str(SAMPLES / "template.yaml"), "--json")

    told = json.loads(done.out)
    assert told["format"] == "cloudformation"
    assert {"section": "", "name": "", "text": "Flow: no counterpart"} in told["notes"]
    assert parse_configuration(told["configuration"], "out.toml")
    assert told["objects"] == {"queues": 2, "profiles": 1, "agents": 1, "statuses": 1, "hours": 1}


def test_the_command_ends_with_2_where_nothing_comes_of_it(command: Run, tmp_path: Path) -> None:
    (tmp_path / "x.conf").write_bytes("[Süd]\n".encode("latin-1"))

    assert "--encoding windows-1252" in command("import", "asterisk", str(tmp_path / "x.conf")).err
    assert command("import", "asterisk", str(tmp_path / "x.conf"), "--encoding", "latin-1").code == 0
    assert command("import", "csv", str(tmp_path)).code == 2
    assert command("import", "asterisk", str(tmp_path / "none.conf")).code == 2


@pytest.mark.parametrize(
    ("expression", "condition"),
    [
        ("", "true"), ("1 == 2", "false"), ("topic == 'a' AND tier != 'b'", None), ("call.reason = 'x'", None),
        ("NOT topic == 'a'", None), ("NOT (size > 2)", None), ("2 < size", None), ("topic", None), ("NOT topic", None),
        ("topic == null OR tier IN ['b', 'c']", None), ("topic NOT IN ['a']", None), ("while == 'x'", None),
    ],
)  # fmt: skip
def test_a_filter_holds_of_the_same_tasks_as_its_condition(expression: str, condition: str | None) -> None:
    made = condition_of(expression)

    assert condition is None or made == condition
    for given in ({}, {"topic": "a"}, {"topic": "b", "tier": "b"}, {"tier": "c", "topic": ""}, {"while": "x"}):
        assert holds_here(parse_condition(made), Facts(given, "voice", "", {}, {})) is holds(expression, given), given
    for size in ("1", "3", "many"):
        there = float(size) if size.isdigit() else size
        facts = Facts({"size": size}, "voice", "", {}, {})
        assert holds_here(parse_condition(made), facts) is holds(expression, {"size": there}), size


@pytest.mark.parametrize(
    "expression", ["tags HAS 'a'", "worker.level > 3", "topic > 'a'", "'a' IN tags", "topic IN tags", "topic ==", "a b"]
)
def test_a_filter_that_no_condition_says_is_not_understood(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        condition_of(expression)


@pytest.mark.parametrize(
    ("expression", "criteria"),
    [
        ("skills HAS 'a b'", "Skill:a-b >= 1"), ("'fr' IN worker.languages", "Language:fr >= 1"),
        ("routing.levels.x > 3", "Skill:x >= 4"), ("routing.levels.x <= 3", "Skill:x in [1, 3]"),
        ("NOT skills HAS 'a'", "not (Skill:a >= 1)"), ("routing.levels.x == 2", "Skill:x in [2, 2]"),
    ],
)
def test_what_a_target_asks_of_workers_becomes_criteria(expression: str, criteria: str) -> None:
    assert criteria_of(expression) == str(parse_expression(criteria))


@pytest.mark.parametrize(
    "expression",
    ["team == 'A'", "routing.levels.x > 5", "routing.levels.x != 3", "skills HAS ''", "task.a IN worker.skills",
     "skills HAS 'a' AND (skills HAS 'b' OR skills HAS 'c')", " OR ".join(f"skills HAS '{one}'" for one in "abcd")],
)  # fmt: skip
def test_what_criteria_cannot_ask_of_workers_is_not_understood(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        criteria_of(expression)
