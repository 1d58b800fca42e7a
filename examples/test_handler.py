"""Tests of one's own handler with pytest: `pip install 'fairlead[testing]'`, then `pytest examples/test_handler.py`."""

import pytest
from fairlead_worker.testing import handle

from fairlead import Contact
from fairlead.testing import Centre

pytest_plugins = ["fairlead_worker.testing"]

SHOP = """
[queues.Orders]
retry_delay_s = 60
max_attempts = 3
service_level_s = 20

[queues.Complaints]

[profiles.Shop]
channels.chat = { slots = 2 }
entries = [{ queue = "Orders", channel = "chat" }, { queue = "Complaints", channel = "chat", delay_s = 30 }]

[agents.ana]
profile = "Shop"
"""


class Stock:
    """What the handler under test works on."""

    def __init__(self) -> None:
        self.is_open = True
        self.items = {"cable": 2}

    def book(self, contact: Contact) -> None:
        """The handler."""
        if not self.is_open:
            raise ConnectionError("the stock does not answer")
        item = contact.payload["item"]
        if item not in self.items:
            contact.transfer("Complaints")
        else:
            self.items[item] -= 1


@pytest.fixture
def centre_configuration() -> str:
    return SHOP


@pytest.fixture
def stock() -> Stock:
    return Stock()


def test_an_order_is_booked(centre: Centre, stock: Stock) -> None:
    centre.push("Orders", {"item": "cable"}, channel="chat", contact_id="order-1")

    [done] = handle(centre, "ana", stock.book)

    assert (done.contact_id, done.outcome) == ("order-1", "completed")
    assert centre.contact("order-1").state == "completed"
    assert stock.items == {"cable": 1}


def test_an_order_is_tried_again_when_the_stock_has_come_back(centre: Centre, stock: Stock) -> None:
    centre.push("Orders", {"item": "cable"}, channel="chat", contact_id="order-1")
    stock.is_open = False

    [failed] = handle(centre, "ana", stock.book)
    stock.is_open = True
    centre.advance(60)
    [done] = handle(centre, "ana", stock.book)

    assert failed.error.startswith("ConnectionError at test_handler.py:")
    assert (done.outcome, done.attempt) == ("completed", 2)


def test_an_unknown_item_is_a_complaint_which_ana_gets_after_half_a_minute(centre: Centre, stock: Stock) -> None:
    centre.push("Orders", {"item": "moon"}, channel="chat", contact_id="order-1")

    [done] = handle(centre, "ana", stock.book)
    centre.advance(30)

    assert (done.outcome, done.goes_to) == ("transferred", "Complaints")
    with centre.agent("ana", auto_accept=True) as ana:
        assert [offer.queue for offer in ana.sign_in()] == ["Complaints"]
