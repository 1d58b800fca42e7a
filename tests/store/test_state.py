"""What is wrong in an instance is told, whichever key hands have changed; and nothing else is."""

import pytest
from centre import Centre
from conftest import RealServer
from raw import raw
from store.damages import DAMAGES, damage, everything

from fairlead.domain.agent import BREAK
from fairlead.store.checking import Examined, examine_state
from fairlead.store.keys import FAMILIES
from fairlead.store.transitions import supervising


@pytest.fixture
def whole(server: RealServer) -> Centre:
    """Something of everything, and nothing wrong."""
    centre = Centre(server.client())
    everything(centre)
    return centre


def examined(centre: Centre, **options: int) -> Examined:
    return centre.store.run(examine_state(**options))


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_told_where_it_is(whole: Centre, name: str) -> None:
    commands, key, stands = DAMAGES[name]
    if name == "a contact and an agent who both wait":
        whole.run(supervising.set_agent_status, "dora", BREAK.name)
        whole.push("unseen", "Overflow", "chat")
    assert examined(whole).findings == ()

    known = damage(whole, commands)
    findings = examined(whole).findings

    key, stands = whole.keys.prefix + key.format(**known), stands.format(**known)
    told = [one for one in findings if one.key == key and stands in one.stands]
    assert told, findings
    assert all(one.should != one.stands and one.advice for one in findings), findings


def test_everything_is_there_that_may_be_damaged(whole: Centre) -> None:
    found = {key.decode().split(":")[1] for key in raw(whole.store).keys("*")}

    passing = {"forgiven", "staged", "applying", "unindexed", "unmatched", "inbox"}
    assert set(FAMILIES) - found - passing == {
        "descriptions", "intakes", "shares", "turns", "served", "tokens",
        "used", "webhooks", "webhook", "relayed", "deliveries", "undelivered",
    }


def test_after_so_many_findings_the_rest_is_not_examined(whole: Centre) -> None:
    for number in range(1_000):
        raw(whole.store).set(f"{whole.keys.prefix}teapot:{number}", 1)

    few, all_of_them = examined(whole, most=10), examined(whole, most=10_000)

    assert 10 <= len(few.findings) < 1_000
    assert not few.is_whole
    assert (len(all_of_them.findings), all_of_them.is_whole) == (1_000, True)


def test_progress_is_told_of_keys_and_of_members(whole: Centre) -> None:
    for number in range(500):
        whole.push(f"c{number:03}", "Overflow", "voice")
    told: list[tuple[int, int]] = []

    state = whole.store.run(examine_state(lambda seen, known: told.append((seen, known))))

    assert [seen for seen, _ in told] == sorted(seen for seen, _ in told)
    assert all(seen <= known for seen, known in told)
    assert told[-1][0] == state.seen > 1_500  # each contact, its place, its payload
