"""The wallboard where there is much, where there is nothing, and where nobody answers."""

from collections.abc import Callable

from conftest import RealServer
from playwright.sync_api import expect
from web.browser import Tab
from web.conftest import Serving

from fairlead import Administrator, Agent, Producer, parse_configuration

LONG = "Insurance-and-Claims-of-a-Company-with-a-Long-Name-Desk-"
NAMES = [f"{LONG}{number}" for number in range(1, 14)]
QUEUES = "".join(f'[queues."{name}"]\n' for name in NAMES)
ENTRIES = ", ".join(f'{{ queue = "{name}", channel = "chat" }}' for name in NAMES)
AGENTS = "".join(f'[agents.agent-{number}]\nprofile = "P"\n' for number in range(1, 13))
CENTRE = f"{QUEUES}[profiles.P]\nchannels.chat = {{ slots = 1 }}\nentries = [{ENTRIES}]\n{AGENTS}"


def configure(server: RealServer) -> None:
    with Administrator.connect(server.url) as administrator:
        administrator.apply(parse_configuration(CENTRE, "centre.toml"))


def test_many_queues_stand_in_the_order_of_names_or_of_need(
    tab: Tab, serving: Callable[..., Serving], server: RealServer
) -> None:
    configure(server)
    with Producer.connect(server.url) as producer:
        for name in [*NAMES, NAMES[9], NAMES[9], NAMES[1]]:
            producer.push(name, channel="chat")
    page = tab.page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(serving().address)
    rows = page.locator("#queues > tbody > tr.opens > th")

    expect(rows).to_have_text(NAMES)
    box = page.locator(".wide").first
    assert box.evaluate("one => one.scrollWidth <= one.clientWidth")
    page.get_by_label("Sort by").select_option("most waiting")
    expect(rows).to_have_text([NAMES[9], NAMES[1], NAMES[0], *NAMES[2:9], *NAMES[10:]])
    assert tab.said == []


def test_agents_who_are_kept_from_a_contact_by_the_same_are_told_together(
    tab: Tab, serving: Callable[..., Serving], server: RealServer
) -> None:
    configure(server)
    with Producer.connect(server.url) as producer:
        producer.push(NAMES[0], channel="chat", contact_id="c1")
    page = tab.page
    page.goto(serving().address)

    expect(page.locator("#totals")).to_contain_text("nobody there")
    page.locator("#queues tbody tr").first.get_by_role("button").click()
    page.get_by_role("button", name="c1", exact=True).click()
    why = page.locator("#queues .panel section").first.locator("li")
    expect(why).to_have_count(1)
    expect(why).to_contain_text(" and 4 more (P): is not signed in")
    with Agent.connect("agent-1", server.url) as agent:
        agent.sign_in()
        expect(page.locator("#totals")).not_to_contain_text("nobody there")
    assert tab.said == []


def test_an_instance_in_which_nothing_has_been_says_how_to_begin(tab: Tab, serving: Callable[..., Serving]) -> None:
    page = tab.page
    page.goto(serving().address)

    expect(page.locator("#queues-none")).to_contain_text("fairlead produce push QUEUE")
    expect(page.locator("#queues thead")).to_be_hidden()
    expect(page.locator("#events li").first).to_contain_text("profile updatedBasicRoutingProfileadded")
    assert tab.said == []


def test_a_server_that_does_not_answer_is_told_in_words_of_the_page(tab: Tab, serving: Callable[..., Serving]) -> None:
    page = tab.page
    page.route("**/v1/access", lambda route: route.abort())
    page.goto(serving().address)

    expect(page.locator("#state")).to_have_text("Not connected: the server does not answer; trying again")
    page.unroute("**/v1/access")
    expect(page.locator("#state")).to_have_text("Live")
