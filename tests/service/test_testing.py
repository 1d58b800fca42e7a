"""A contact centre for tests: the real service, by a clock that the test moves."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import util
from pathlib import Path

import pytest
from conftest import eventually

from fairlead import testing
from fairlead.configuration.reading import parse_configuration
from fairlead.domain.configuration import Configuration
from fairlead.errors import InvalidConfiguration, InvalidSetting
from fairlead.testing import Centre, ServerKind

SHOP = """
[queues.Orders]
hours = "Office"
closed_policy = "hold"
[queues.Late]
raise_after_s = 90
raise_to = 1

[profiles.Shop]
channels.voice = { slots = 1 }
entries = [{ queue = "Orders", channel = "voice" }, { queue = "Late", channel = "voice" }]
[profiles.Help]
channels.voice = { slots = 1 }
entries = [{ queue = "Late", channel = "voice", delay_s = 20 }]

[agents.ana]
profile = "Shop"
proficiencies = { "Language:French" = 4 }
[agents.bo]
profile = "Shop"
[agents.cem]
profile = "Help"

[hours.Office]
timezone = "UTC"
week = { mon = ["08:00-12:00"] }
"""


@pytest.fixture(params=["fakeredis", "embedded"])
def server(request: pytest.FixtureRequest) -> ServerKind:
    return request.param


@pytest.fixture
def shop(server: ServerKind) -> Iterator[Centre]:
    """A shop on a Monday morning, on each kind of server."""
    with testing.centre(SHOP, server) as centre:
        yield centre


def test_a_profile_with_a_delay_gets_a_contact_when_the_delay_has_passed_to_the_second(shop: Centre) -> None:
    with shop.agent("cem") as cem:
        cem.sign_in()
        for number in range(3):  # each stands in line a microsecond after the one before
            shop.push("Late", contact_id=f"c{number}")

        shop.advance(19)
        before = shop.contact("c0").state
        shop.advance(1)

        assert (before, shop.contact("c0").state) == ("queued", "offered")


def test_a_delay_passes_at_its_own_time_too(shop: Centre) -> None:
    with shop.agent("cem", auto_accept=True) as cem:
        cem.sign_in()
        shop.push("Late", contact_id="c")
        queued_us = shop.contact("c").queued_us

        shop.advance(600)

        assert shop.contact("c").connected_us == queued_us + 20_000_000


def test_a_routing_step_expires_when_its_time_has_passed(shop: Centre) -> None:
    with shop.agent("bo", auto_accept=True) as bo:
        bo.sign_in()
        shop.push("Orders", contact_id="c", criteria=["Language:French >= 3 for 30s"])

        shop.advance(29)
        before = shop.contact("c").state
        shop.advance(1)

        assert (before, shop.contact("c").agent) == ("queued", "bo")


def test_what_comes_due_in_between_is_done_at_its_own_time(shop: Centre) -> None:
    began_us = shop.now_us
    shop.push("Orders", contact_id="c", start_in_s=100, expiry_s=200)

    shop.advance(3_600)

    happened = {event.name: event.at_us - began_us for event in shop.supervisor.events() if event.at_us > began_us}
    assert happened == {"contact.queued": 100_000_000, "contact.expired": 300_000_000}


def test_a_queue_relieves_a_contact_when_it_has_waited_so_long(shop: Centre) -> None:
    shop.push("Late", contact_id="c")
    queued_us = shop.contact("c").queued_us

    shop.advance(600)

    [raised] = [event for event in shop.supervisor.events() if event.name == "contact.updated"]
    assert raised.at_us == queued_us + 90_000_000


def test_a_queue_opens_and_closes_by_the_centres_clock(server: ServerKind) -> None:
    begins = datetime(2027, 1, 4, 11, 59, 30, tzinfo=UTC)
    with testing.centre(SHOP, server, begins=begins) as shop, shop.agent("ana") as ana:
        shop.advance(31)  # Monday noon
        shop.push("Orders", contact_id="c")
        closed = ana.sign_in()

        shop.advance(7 * 86_400 - 4 * 3_600)

        assert closed == ()
        assert [offer.contact_id for offer in ana.take().offers] == ["c"]


def test_only_a_session_with_a_lease_of_its_own_is_lost(shop: Centre) -> None:
    with shop.agent("ana") as ana, shop.agent("bo", lease_s=15) as bo:
        ana.sign_in()
        bo.sign_in()

        shop.advance(86_400)

        assert shop.supervisor.agent("ana").is_signed_in
        assert not shop.supervisor.agent("bo").is_signed_in


@pytest.mark.parametrize("kind", [str, Path, Configuration])
def test_a_configuration_is_given_as_text_file_or_value(kind: type, tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(SHOP)
    value = parse_configuration(SHOP, "shop.toml")
    given = {str: SHOP, Path: tmp_path / "shop.toml", Configuration: value}[kind]

    with testing.centre(given) as shop:
        applied, _ = shop.administrator.configuration()

    assert applied == value


def test_a_wrong_configuration_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text("[queues.Orders]\nenabeld = true\n")

    with pytest.raises(InvalidConfiguration, match=r"shop.toml:2: .*did you mean enabled"):
        testing.centre(tmp_path / "shop.toml").__enter__()


@pytest.fixture
def without_fakeredis(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment into which the extra was not installed."""
    find = util.find_spec
    monkeypatch.setattr(testing, "find_spec", lambda name: None if name == "lupa" else find(name))


@pytest.mark.usefixtures("without_fakeredis")
def test_fakeredis_that_is_not_installed_is_told_with_what_to_do() -> None:
    with pytest.raises(InvalidSetting, match=r"not installed; pip install 'fairlead\[testing\]', or use server="):
        testing.centre(server="fakeredis").__enter__()


@pytest.mark.usefixtures("without_fakeredis")
def test_a_centre_is_on_an_embedded_server_where_fakeredis_is_not_installed() -> None:
    with testing.centre() as centre:
        facts = centre.supervisor.server()
        centre.push("BasicQueue", contact_id="c")

        assert facts.version
        assert centre.contact("c").state == "queued"


def test_an_embedded_server_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with testing.centre(server="embedded"):
        there = list(tmp_path.iterdir())

    assert there
    eventually(lambda: list(tmp_path.iterdir()) == [])
