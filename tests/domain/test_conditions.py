"""Conditions of intakes' rules: what they may say, what they read, and why one does not hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.conditions import (
    LONGEST_CONDITION,
    NO_FACTS,
    NOW_FIELDS,
    QUEUE_FIELDS,
    Facts,
    holds,
    parse_condition,
    state_read,
    why_not,
)
from fairlead.domain.contact import LONGEST_ATTRIBUTE
from fairlead.errors import InvalidCondition

EVENING = {"hour": 19, "time": "19:30", "weekday": "sat", "date": "2026-12-05"}
BUSY = {"waiting": 7, "oldest_s": 61, "available": 0, "staffed": 2, "contacts": 9, "open": True}


def facts(queues: Any = None, **attributes: str) -> Facts:
    return Facts(attributes, "chat", "c17", EVENING, queues or {"Sales": BUSY})


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ('attributes.tier == "gold"', True),
        ('attributes["tier"] == "gold" && queues.Sales.oldest_s > 60', True),
        ("queues.Sales.oldest_s > 61", False),
        ('queues["Sales"].waiting >= 7 && queues.Sales.contacts == 9', True),
        ("queues.Sales.open && queues.Sales.available == 0 && queues.Sales.staffed > 0", True),
        ("!queues.Sales.open", False),
        ("queues.Sales.oldest_s / queues.Sales.waiting >= 8", True),
        ('channel in ["chat", "email"] && customer != ""', True),
        ('now.weekday in ["sat", "sun"] || now.hour < 8', True),
        ('now.time >= "08:30" && now.time < "19:30"', False),
        ('now.date == "2026-12-05"', True),
        ('"tier" in attributes && size(attributes) == 2', True),
        ("has(attributes.language)", False),
        ('!has(attributes.language) || attributes.language == "French"', True),
        ("int(attributes.age) >= 18", True),
        ('attributes.tier.startsWith("go") && attributes.tier.endsWith("ld") && attributes.tier.contains("o")', True),
        (r'attributes.tier.matches(r"^g\w+$")', True),
        ("attributes.tier.size() == 4", True),
        ("size(attributes) == 2 && size(attributes) > 1", True),
        ('["early"][now.hour] == "early"', False),
        ('["late"][now.hour - 23] == "late"', False),
        ('["nobody"][queues.Sales.waiting] == "nobody"', False),
        ("true", True),
        ("false", False),
    ],
)
def test_a_condition_holds_by_what_it_reads(text: str, is_so: bool) -> None:
    condition = parse_condition(text)

    assert holds(condition, facts(tier="gold", age="21")) is is_so
    assert (why_not(condition, facts(tier="gold", age="21")) == "") is is_so


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('attributes.tier = "gold"', "character 17: token recognition error at: '= '"),
        ('attributes.tier == "gold" &&', "character 29: "),
        ("", "character 1: "),
        ('teir == "gold"', "character 1: there is no 'teir': a condition reads attributes, channel, customer, now"),
        ('channel == "chat" && queues.Sales.age > 3', "character 35: 'age' of queues is not known: there are waiting"),
        ("now.minute > 3", "character 5: 'minute' of now is not known: there are hour, time, weekday, date"),
        ("size(queues) > 3", "character 6: queues are read by name: queues.NAME"),
        ("queues[channel].open", "character 1: queues are read by name"),
        ('queues["a b"].open', "character 8: 'a b' is not a valid name"),
        ("queues.Sales", "queues has fields: there are waiting"),
        ('attributes[channel] == "x"', "character 1: attributes are read by name"),
        ('attributes["a b"] == "x"', "character 12: 'a b' is not a valid name"),
        ('attributes == {"a": "b"}', "character 1: attributes are read by name"),
        ('attributes.tier.lower() == "gold"', "character 17: there is no function 'lower' for conditions"),
        ('timestamp("2026-01-01T00:00:00Z") == null', "character 1: there is no function 'timestamp'"),
        ("now.hour", "it gives 0, not true or false"),
        ('channel == "chat" ? true : 3', "it gives 3, not true or false"),
        ("attributes.age > 18", "values of different types: a text stands in quotes, int(TEXT) is a number"),
        ("queues.Sales.waiting > '3'", "values of different types"),
        ('attributes.tier == "gold" && queues.Sales.open > 3', "values of different types"),
        ("queues.Sales.open && channel > 3", "values of different types"),
        ("!queues.Sales.open && channel > 3", "values of different types"),
        ('attributes.a == "x" && attributes.b == "y" ? 3 : true', "it gives 3, not true or false"),
        ("channel.matches(", "character 17: "),
        ('channel == "task" && customer > 3', "values of different types"),
        ('now.weekday == "sun" && customer > 3', "values of different types"),
        ('customer == "" && channel > 3', "values of different types"),
        ("!has(attributes.tier) && channel > 3", "values of different types"),
        ('true &&\n&& channel == "chat"', "extraneous input"),
        ("1 / 0 == 1", "it can never be evaluated: division by zero"),
        ("string(queues.Sales.open) == 'x' && int('x') == 3", "it can never be evaluated: "),
        ("attributes.x == '''gold'''", "write each text in one pair of quotes"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(InvalidCondition) as refused:
        parse_condition(text)

    assert says in str(refused.value)


ALL = "[1,1,1,1,1,1,1,1].all(channel, "


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(" * 400 + "true" + ")" * 400, "nested too deeply"),
        ("!(" * 300 + "true" + ")" * 300, "nested too deeply"),
        (" && ".join(["true"] * 200), "a condition has at most 1,000 characters, this one 1,596"),
        (ALL * 20 + "true" + ")" * 20, "there is no function 'all'"),
        ("[1].map(now, [1].map(customer, customer)) == [[1]]", "there is no function 'map'"),
        ('channel.matches("(a{1000}){100}")', "a pattern repeats by *, + and ?, not by a count in {}"),
        ('channel.matches("a\\\\x7b5}" + "a{9}")', "matches() takes one text in quotes"),
        ("channel.matches(attributes.pattern)", "matches() takes one text in quotes"),
        ('matches(channel, "a{1000}")', "there is no function 'matches'"),
        ("google.protobuf.Value{}", "there is no 'google'"),
    ],
)
def test_what_would_cost_much_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidCondition) as refused:
        parse_condition(text)

    assert says in str(refused.value)


def test_the_longest_condition_is_allowed() -> None:
    text = "true" + " || true" * ((LONGEST_CONDITION - 4) // 8)

    assert holds(parse_condition(text.ljust(LONGEST_CONDITION)), NO_FACTS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('["a", "b"][int(attributes.place)] == "a"', ": the contact has no attribute place"),
        ('["a", "b"][attributes.tier.size()] == "a"', "index out of bounds: 4"),
        ('attributes.language == "fr"', ": the contact has no attribute language"),
        ('attributes.tier == "gold" && attributes.language == "fr"', ": the contact has no attribute language"),
        ('attributes.tier == "silver"', ": tier is 'gold'"),
        ("int(attributes.tier) > 3", "Function 'int' error"),
        ("queues.Sales.max > 3", ": max is missing, queues.Sales.max is missing"),
        ("queues.Gone.waiting > 3", ": Gone is missing, queues.Gone.waiting is missing"),
        ('customer == "c18"', ": customer is 'c17'"),
        ('channel == "voice"', ": channel is chat"),
        ("queues.Sales.open == false", ": queues.Sales.open is true"),
        ("false", "false does not hold"),
        ('(attributes.tier == "gold") && channel == "voice"', ": channel is chat"),
        ('size(attributes) == 1 && ["a"][0] == "a" && channel == "voice"', ": channel is chat"),
        (
            'attributes.tier == "gold" && (channel == "voice" || customer == "c18")',
            ": customer is 'c17', channel is chat",
        ),
    ],
)
def test_why_a_condition_does_not_hold_is_told_by_its_first_part_that_does_not(text: str, says: str) -> None:
    why = why_not(parse_condition(text), facts(tier="gold"))

    assert says in why
    assert why.startswith(text.rpartition(" && ")[2] + " does not hold")


def test_a_part_is_told_without_what_joins_it_to_the_others() -> None:
    assert why_not(parse_condition('channel=="chat"&&now.hour==19&&customer=="c18"'), facts()) == (
        "customer==\"c18\" does not hold: customer is 'c17'"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True), ('"a" == "b"', True), ("has(attributes.tier)", False), ("now.hour > 8", False),
        ("queues.Q.open", False), ('channel == "chat"', False), ('customer == ""', False),
    ],
)  # fmt: skip
def test_a_condition_that_reads_nothing_is_constant(text: str, expected: bool) -> None:
    assert parse_condition(text).is_constant is expected


def test_a_text_before_an_attribute_is_no_name_of_one() -> None:
    condition = parse_condition('"gold" == attributes.tier && "rank" in attributes')

    assert condition.attributes == ("tier", "rank")


def test_a_place_is_told_in_the_first_line_alone() -> None:
    with pytest.raises(InvalidCondition) as refused:
        parse_condition('channel == "chat" &&\n&& true')

    assert "character" not in str(refused.value)


def test_where_something_binds_less_than_and_the_whole_condition_is_told() -> None:
    text = 'attributes.tier == "silver" && channel == "chat" || now.hour < 8'

    assert why_not(parse_condition(text), facts(tier="gold")) == (
        f"{text} does not hold: tier is 'gold', channel is chat, now.hour is 19"
    )


def test_what_is_read_of_the_state_is_told_but_nothing_of_the_customer() -> None:
    text = 'attributes.tier == "gold" && customer == "c17" && queues.Sales.open && now.hour > 3 && channel == "chat"'

    read = state_read(parse_condition(text), facts(tier="gold"))

    assert read == {"channel": "chat", "now.hour": "19", "queues.Sales.open": "true"}


@pytest.mark.parametrize(
    ("text", "is_known", "is_unknown"),
    [
        ("queues.Q.estimated_s > 60", True, False), ("queues.Q.estimated_s <= 60", False, False),
        ("!(queues.Q.estimated_s <= 60)", True, False), ("has(queues.Q.estimated_s)", True, False),
        ("!has(queues.Q.estimated_s) || queues.Q.estimated_s > 60", True, True),
        ('queues["Q"].estimated_s > 60 || channel == "chat"', True, True),
    ],
)  # fmt: skip
def test_an_estimate_that_is_not_known_makes_no_comparison_hold(text: str, is_known: bool, is_unknown: bool) -> None:
    condition, told = parse_condition(text), Facts({}, "chat", "", {}, {"Q": {"estimated_s": 90}})

    assert holds(condition, told) is is_known
    assert holds(condition, Facts({}, "chat", "", {}, {"Q": {}})) is is_unknown


def test_every_field_can_be_read() -> None:
    queue = parse_condition(" || ".join(f"queues.Q.{field} == queues.Q.{field}" for field in QUEUE_FIELDS))
    now = parse_condition(" || ".join(f"now.{field} == now.{field}" for field in NOW_FIELDS))

    assert {field for _, field in queue.queues} == QUEUE_FIELDS.keys()
    assert set(now.now) == NOW_FIELDS.keys()


@given(st.dictionaries(st.sampled_from(["tier", "age", "n"]), st.text(max_size=LONGEST_ATTRIBUTE)))
def test_no_attribute_makes_a_condition_fail(attributes: dict[str, str]) -> None:
    texts = [
        'attributes.tier == "gold"', "int(attributes.age) > 18", "double(attributes.n) / 0.0 > 1.0",
        'attributes.tier.matches("(a|b)*c")', "1 / int(attributes.n) > 0", 'attributes.age > attributes.n',
        "int(attributes.n) * 9223372036854775807 > 0",
    ]  # fmt: skip

    for text in texts:
        assert holds(parse_condition(text), facts(**attributes)) in (True, False)


@given(st.text(alphabet="queuesattributes.now\"[](){}!&|=<>+-*/%?:,0123456789 '\\", max_size=60))
def test_no_text_does_anything_but_being_refused(text: str) -> None:
    try:
        condition = parse_condition(text)
    except InvalidCondition:
        return

    assert holds(condition, NO_FACTS) in (True, False)
