"""The grammar of routing criteria and its limits, and that the rules and Lua read a canonical text alike."""

import fakeredis
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.domain.criteria import (
    Expression,
    Preferred,
    Skill,
    Step,
    active_step,
    checked_expression,
    checked_proficiency,
    checked_steps,
    parse_expression,
    parse_step,
    read_canonical,
    steps_of,
)
from fairlead.errors import BadInput, InvalidCriteria, InvalidName
from fairlead.store.joining import calling

FR = "Language:French"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{FR} >= 4", Expression(((Skill(FR, 4),),))),
        (f"{FR} in [2, 4]", Expression(((Skill(FR, 2, 4),),))),
        (f"NOT ({FR} >= 1)", Expression(((Skill(FR, 1, negated=True),),))),
        ("agents [jane, bo]", Expression(((Preferred(("jane", "bo")),),))),
        (
            f"{FR} >= 4 and A:b >= 1 or agents [bo]",
            Expression(((Skill(FR, 4), Skill("A:b", 1)), (Preferred(("bo",)),))),
        ),
    ],
)
def test_an_expression_is_read(text: str, expected: Expression) -> None:
    assert parse_expression(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "French >= 4", f"{FR} > 4", f"{FR} >= 6", f"{FR} >= 0", f"{FR} in [4, 2]", f"{FR} in [0, 2]", "agents []",
        f"({FR} >= 1 or A:b >= 1) and C:d >= 1", "two words:x >= 1", "agents [two words]",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_expression(text)


def test_a_proficiency_is_an_attribute_and_its_value() -> None:
    assert checked_proficiency("Language:French") == "Language:French"


def test_an_expression_is_shown_as_it_may_be_written() -> None:
    written = "Language:French >= 3 and Skill:Refunds >= 1 or agents [ana]"

    assert parse_expression(str(parse_expression(written))) == parse_expression(written)


def test_a_refusal_says_what_is_wrong() -> None:
    for text, why in {
        f"({FR} >= 1) and A:b >= 1": "only NOT takes parentheses",
        f"{FR} > 4": "is not a condition: write",
        "agents []": "criteria name 0 agents",
        f"{FR} in [4, 2]": "from level 4 to 2",
    }.items():
        with pytest.raises(InvalidCriteria, match=why):
            parse_expression(text)
    with pytest.raises(InvalidCriteria, match="proficiency 'French' is not Attribute:Value"):
        checked_proficiency("French")
    with pytest.raises(InvalidName, match="attribute 'two words'"):
        checked_proficiency("two words:x")
    with pytest.raises(InvalidName, match="attribute's value ''"):
        checked_proficiency("French:")


def test_conditions_that_were_not_read_keep_the_same_rules() -> None:
    for condition, error in (
        (Skill("French", 1), InvalidCriteria), (Skill("two words:x", 1), InvalidName),
        (Skill(FR, 4, 2), InvalidCriteria), (Preferred(("two words",)), InvalidName), (Preferred(()), InvalidCriteria),
    ):  # fmt: skip
        with pytest.raises(error):
            checked_steps([Step(Expression(((condition,),)))])


def test_steps_are_given_as_values_or_as_texts() -> None:
    first, last = parse_step("agents [ana] for 5s"), parse_step("agents [bo]")

    assert steps_of(["agents [ana] for 5s", last]) == steps_of([first, "agents [bo]"]) == (first, last)


def test_words_of_the_grammar_may_be_in_capitals_and_not_takes_agents() -> None:
    read = parse_expression(f"{FR} in [1,2] AND NOT (agents [bo]) OR A:b>=2")

    assert read == Expression(((Skill(FR, 1, 2), Preferred(("bo",), negated=True)), (Skill("A:b", 2),)))
    assert parse_expression(f"not ({FR} in [2, 3])") == Expression(((Skill(FR, 2, 3, negated=True),),))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (f"{FR} >= 4", f"{FR} >= 4"), (f"{FR} in [4, 5]", f"{FR} >= 4"), (f"{FR} in [1, 4]", f"{FR} in [1, 4]"),
        (f"not ({FR} >= 4)", f"not ({FR} >= 4)"), ("agents [bo,ana]", "agents [bo, ana]"),
        ("not (agents [bo])", "not (agents [bo])"),
    ],
)  # fmt: skip
def test_a_condition_is_written_as_it_is_read(text: str, written: str) -> None:
    condition = parse_expression(text).ands[0][0]

    assert str(condition) == written
    assert parse_expression(written).ands[0][0] == condition


def test_what_fails_is_the_first_condition_of_each_alternative() -> None:
    both = parse_expression(f"A:b >= 1 and {FR} >= 4 and agents [bo] or agents [cem]")

    assert both.failing("ana", {"A:b": 1}) == (Skill(FR, 4), Preferred(("cem",)))
    assert both.failing("cem", {}) == ()
    assert Expression().failing("ana", {}) == ()
    assert (both.holds("cem", {}), both.holds("ana", {"A:b": 1})) == (True, False)


def conditions(many: int) -> tuple[Skill, ...]:
    return tuple(Skill(f"A:b{number}", 1) for number in range(many))


@pytest.mark.parametrize(("ands", "is_allowed"), [(1, True), (3, True), (4, False)])
def test_an_or_takes_at_most_three_ands(ands: int, is_allowed: bool) -> None:
    _check(Expression((conditions(1),) * ands), is_allowed)


@pytest.mark.parametrize(("many", "is_allowed"), [(1, True), (8, True), (9, False)])
def test_an_and_takes_at_most_eight_conditions(many: int, is_allowed: bool) -> None:
    _check(Expression((conditions(many),)), is_allowed)


@pytest.mark.parametrize(("many", "is_allowed"), [(1, True), (10, True), (11, False)])
def test_a_condition_names_at_most_ten_agents(many: int, is_allowed: bool) -> None:
    _check(Expression(((Preferred(tuple(f"a{number}" for number in range(many))),),)), is_allowed)


@pytest.mark.parametrize(("level", "is_allowed"), [(0, False), (1, True), (5, True), (6, False)])
def test_levels_are_one_to_five(level: int, is_allowed: bool) -> None:
    _check(Expression(((Skill(FR, level, max(level, 5)),),)), is_allowed)


def _check(expression: Expression, is_allowed: bool) -> None:
    if is_allowed:
        assert checked_expression(expression) is expression
    else:
        with pytest.raises(InvalidCriteria):
            checked_expression(expression)


def test_only_the_last_step_may_never_expire() -> None:
    one = parse_expression(f"{FR} >= 1")
    checked_steps([Step(one, 30), Step(one)])

    with pytest.raises(InvalidCriteria, match="step 1 never expires"):
        checked_steps([Step(one), Step(one, 30)])


@pytest.mark.parametrize(("many", "is_allowed"), [(0, True), (5, True), (6, False)])
def test_there_are_at_most_five_steps(many: int, is_allowed: bool) -> None:
    _check_steps([Step(parse_expression(f"{FR} >= 1"), 30)] * many, is_allowed)


@pytest.mark.parametrize(("expiry_s", "is_allowed"), [(0, False), (1, True), (604_800, True), (604_801, False)])
def test_a_step_lasts_a_second_to_a_week(expiry_s: int, is_allowed: bool) -> None:
    _check_steps([Step(parse_expression(f"{FR} >= 1"), expiry_s)], is_allowed)


def _check_steps(steps: list[Step], is_allowed: bool) -> None:
    if is_allowed:
        assert checked_steps(steps) == tuple(steps)
    else:
        with pytest.raises(InvalidCriteria, match="step"):
            checked_steps(steps)


def test_each_step_keeps_the_limits_of_an_expression() -> None:
    with pytest.raises(InvalidCriteria, match="0 alternatives"):
        checked_steps([Step(Expression())])


def test_a_step_is_written_with_its_expiry() -> None:
    assert parse_step(f"{FR} >= 1 for 30s") == Step(parse_expression(f"{FR} >= 1"), 30)
    assert parse_step(f"{FR} >= 1").expiry_s is None
    assert parse_step(f"{FR} >= 1 for 30").expiry_s == 30
    with pytest.raises(InvalidCriteria, match="is not an expiry"):
        parse_step(f"{FR} >= 1 for a while")


@pytest.mark.parametrize(("elapsed_s", "step"), [(0, 0), (29.9, 0), (30, 1), (39.9, 1), (40, 2), (9_999, 2)])
def test_a_step_is_active_until_its_expiry(elapsed_s: float, step: int) -> None:
    one = parse_expression(f"{FR} >= 1")

    assert active_step([Step(one, 30), Step(one, 10)], elapsed_s) == step
    assert active_step([Step(one, 30), Step(one)], elapsed_s) == min(step, 1)


names = st.sampled_from(["Language:French", "Lang.x:a-b", "A:b"])
skills = st.builds(lambda name, a, b, no: Skill(name, min(a, b), max(a, b), no), names, st.integers(1, 5),
                   st.integers(1, 5), st.booleans())  # fmt: skip
preferred = st.builds(
    Preferred, st.lists(st.sampled_from(["ana", "an", "b-o"]), min_size=1, max_size=3).map(tuple), st.booleans()
)
expressions = st.builds(
    Expression,
    st.lists(st.lists(skills | preferred, min_size=1, max_size=4).map(tuple), min_size=1, max_size=3).map(tuple),
)


@pytest.fixture(scope="module")
def lua() -> redis.Redis:
    return fakeredis.FakeRedis()


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(
    expression=expressions,
    agent=st.sampled_from(["ana", "an", "b-o", "cem"]),
    has=st.dictionaries(names, st.integers(1, 5)),
)
def test_the_script_and_the_rule_agree_on_who_satisfies_an_expression(
    lua: redis.Redis, expression: Expression, agent: str, has: dict[str, int]
) -> None:
    assert read_canonical(expression.text()) == expression
    script = calling("return satisfies(ARGV[1], ARGV[2], ARGV[3]) and 1 or 0", "satisfies")
    text = "," + ",".join(f"{name}={level}" for name, level in has.items()) + ","

    assert bool(lua.eval(script, 0, expression.text(), text, agent)) is expression.holds(agent, has)
