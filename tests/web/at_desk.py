"""What tests of the agent desk share: a small contact centre, and what a person sees and does at the page."""

from typing import Any

import httpx
from conftest import eventually
from playwright.sync_api import BrowserContext, Locator, expect
from web.browser import Tab

from fairlead import Administrator, parse_configuration

CENTRE = """
[queues.Support]
acw_s = { chat = 600 }
[queues.Sales]
[queues.Later]
acw_s = { chat = 600 }
[queues.Fragile]
max_attempts = 1
[profiles.P]
channels.voice = { slots = 1 }
channels.chat = { slots = 3, allows_others = true }
channels.task = { slots = 1, allows_others = true }
entries = [
  { queue = "Support", channels = ["voice", "chat", "task"] },
  { queue = "Fragile", channel = "chat" },
  { queue = "Later", channel = "chat", manual_only = true },
]
[agents.ana]
profile = "P"
display_name = "Ana Berg"
[agents.bo]
profile = "P"
[statuses.Lunch]
type = "custom"
"""


def configure(url: str) -> None:
    with Administrator.connect(url) as administrator:
        administrator.apply(parse_configuration(CENTRE, "centre.toml"))


class Desk(Tab):
    """A tab with the agent desk. `address`: by which it reaches the server."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        super().__init__(context.new_page())
        self.address = address
        self.page.goto(f"{address}/desk")

    def sign_in(self, agent: str = "ana") -> None:
        self.page.get_by_label("Agent", exact=True).fill(agent)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def card(self, contact_id: str) -> Locator:
        return self.page.locator(".card").filter(has_text=contact_id)

    def is_live(self) -> None:
        expect(self.page.locator("#state")).to_have_text("Live")

    def shows(self, contact_id: str, words: str) -> None:
        expect(self.card(contact_id).locator("h3")).to_contain_text(words)

    def says_nothing(self) -> None:
        """Its console, that is; of what the server refuses browsers themselves say something."""
        assert [text for text in self.said if "status of 409" not in text] == []


class Centre:
    """The centre as its customers and supervisors ask it over HTTP."""

    def __init__(self, address: str) -> None:
        limits = httpx.Limits(keepalive_expiry=1)  # the server closes what is idle for 5 s, perhaps at this moment
        self._http = httpx.Client(base_url=f"{address}/v1", timeout=60, limits=limits)

    def push(self, contact_id: str, **fields: object) -> None:
        body = {"queue": "Support", "channel": "chat", **fields}
        assert self._http.put(f"/contacts/{contact_id}", json=body).status_code == 201

    def post(self, path: str, **body: object) -> None:
        answer = self._http.post(path, json=body)
        assert answer.is_success, answer.text

    def delete(self, path: str) -> None:
        assert self._http.delete(path).is_success

    def put(self, path: str, **body: object) -> None:
        assert self._http.put(path, json=body, headers={"If-Match": "*"}).is_success

    def names(self, section: str) -> list[str]:
        return [one["name"] for one in self._http.get(f"/{section}").json()["items"]]

    def contact(self, contact_id: str) -> dict[str, object]:
        found: dict[str, object] = self._http.get(f"/contacts/{contact_id}").json()
        return found

    def agent(self, name: str = "ana") -> dict[str, Any]:
        found: dict[str, Any] = self._http.get(f"/agents/{name}/state").json()
        return found

    def happened(self, name: str = "ana") -> list[str]:
        """What has happened to the agent, the oldest first."""
        events = self._http.get("/events", params={"agent": name, "name": "agent.", "limit": 1_000}).json()
        return [one["event"] for one in events["items"]]

    def is_in(self, contact_id: str, *states: str) -> None:
        """Wait until the contact is in a state."""
        eventually(lambda: self.contact(contact_id)["state"] in states)
