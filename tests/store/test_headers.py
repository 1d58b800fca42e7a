"""The context of a trace goes with a contact, and is no part of what it says."""

import pytest
from centre import Centre
from commands import Run
from conftest import RealServer

from fairlead import errors, new_contact
from fairlead.service.contact import contact_of
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact

TRACE = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "baggage": 'user=Am%C3%A9lie;a="1"'}


def test_headers_are_handed_out_with_the_contact_whenever_it_is(centre: Centre) -> None:
    ana = centre.sign_in("ana")
    centre.push("c", headers=TRACE, attributes={"tier": "gold"})

    first = centre.offer("ana", "c")
    centre.does("ana", "release", "c")

    again = centre.offer("ana", "c")
    assert (first.headers, again.headers, again.token > first.token) == (TRACE, TRACE, True)
    assert contact_of(again).fields()["headers"] == TRACE
    assert ana.epoch


def test_a_contact_without_headers_has_none(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")

    assert (centre.offer("ana", "c").headers, centre.store.run(reading.contact("c")).headers) == ({}, {})


@pytest.mark.parametrize("headers", [{}, {"traceparent": "another"}])
def test_a_push_with_other_headers_is_a_repetition_and_changes_nothing(centre: Centre, headers: dict[str, str]) -> None:
    centre.push("c", headers=TRACE)

    again = centre.push("c", headers=headers)

    assert not again.created
    assert centre.store.run(reading.contact("c")).headers == TRACE


def test_headers_are_told_in_no_event(centre: Centre) -> None:
    centre.push("c", headers=TRACE)

    assert "00-4bf9" not in str(centre.store.run(reading.events_after()))


@pytest.mark.parametrize(
    ("headers", "is_allowed"),
    [
        ({"tracestate": "x" * 502}, True), ({"tracestate": "x" * 503}, False), ({"a": "é" * 255, "b": ""}, True),
        ({"a": "é" * 255, "b": "x"}, False), ({"two words": "x"}, False), ({"a": "two\nlines"}, False),
        ({"a": 1}, False),
    ],
)  # fmt: skip
def test_headers_have_limits(headers: dict[str, str], is_allowed: bool) -> None:
    if is_allowed:
        assert NewContact("Q", "voice", headers=headers).headers == headers
    else:
        with pytest.raises(errors.BadInput):
            new_contact("Q", headers=headers)


def test_the_command_pushes_headers(server: RealServer, run: Run) -> None:
    run(server.url, "produce", "push", "BasicQueue", "--id", "c", "--header", f"traceparent={TRACE['traceparent']}")

    assert Store(server.client()).run(reading.contact("c")).headers == {"traceparent": TRACE["traceparent"]}
    assert TRACE["traceparent"] in run(server.url, "contacts", "show", "c", "--json").out
