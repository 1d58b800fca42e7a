"""The agent desk at /desk in a real browser, served by a real server."""

import re
from collections.abc import Callable
from pathlib import Path

import fairlead_web
import pytest
from conftest import RealServer, eventually
from playwright.sync_api import BrowserContext, expect
from web.at_desk import Centre, Desk, configure
from web.conftest import Serving

from fairlead import Administrator

ATTACK = '<img src=x onerror="document.title=1"><script>document.title=1</script>'


@pytest.fixture
def desk(context: BrowserContext, address: str) -> Desk:
    """Ana's, who is Available."""
    desk = Desk(context, address)
    desk.sign_in()
    desk.is_live()
    return desk


def test_a_contact_rings_is_accepted_and_completed_by_keyboard(desk: Desk, centre: Centre) -> None:
    expect(desk.page.locator("#name")).to_have_text("Ana Berg")
    centre.push("c1", customer="mia")

    desk.shows("c1", "Rings Support Chat")
    expect(desk.card("c1")).to_contain_text("left")
    expect(desk.page.get_by_role("button", name="Accept")).to_be_focused()
    assert desk.page.title() == "(1) Support | Fairlead"
    assert desk.page.locator("#ringing").text_content() == "Chat from Support rings"
    desk.page.keyboard.press("Enter")
    desk.shows("c1", "Connected")
    assert desk.page.title() == "Agent desk | Fairlead"
    desk.page.keyboard.press("c")
    desk.shows("c1", "After-contact work")
    desk.page.keyboard.press("e")

    expect(desk.page.locator("#idle")).to_be_visible()
    assert centre.contact("c1")["state"] == "completed"
    desk.says_nothing()


def test_what_a_producer_gives_is_shown_as_text(desk: Desk, centre: Centre) -> None:
    centre.push("c1", payload={"note": ATTACK, "items": 3}, attributes={"tier": ATTACK})
    centre.push("c2", payload={"lines": [ATTACK]})
    centre.push("c3", payload=ATTACK)

    expect(desk.card("c1").locator(".payload dl")).to_have_text(f"note{ATTACK}items3")
    expect(desk.card("c1").locator(":scope > .facts")).to_contain_text(f"tier{ATTACK}")
    expect(desk.card("c2").locator("pre")).to_contain_text("<img src=x")
    expect(desk.card("c3").locator("pre")).to_have_text(ATTACK)
    assert desk.page.locator("#contacts img").count() == 0
    assert desk.page.title() == "(3) Support | Fairlead"
    desk.says_nothing()


def test_a_contact_is_rejected_held_resumed_and_transferred(desk: Desk, centre: Centre) -> None:
    centre.push("c1")
    desk.shows("c1", "Rings")
    desk.page.keyboard.press("r")
    expect(desk.card("c1")).to_have_count(0)
    centre.is_in("c1", "queued")

    centre.push("c2")
    desk.shows("c2", "Rings")
    desk.card("c2").get_by_role("button", name="Accept").click()
    desk.shows("c2", "Connected")
    desk.page.keyboard.press("h")
    desk.shows("c2", "On hold")
    desk.page.keyboard.press("h")
    desk.shows("c2", "Connected")
    desk.page.keyboard.press("t")
    desk.page.keyboard.type("Nowhere")
    desk.page.keyboard.press("Enter")
    expect(desk.card("c2").get_by_role("alert")).to_have_text("There is no such queue.")
    desk.card("c2").get_by_label("To a queue, or @agent").fill("Sales")
    desk.page.keyboard.press("Enter")

    desk.shows("c2", "After-contact work Sales")
    assert (centre.contact("c2")["state"], centre.contact("c2")["queue"]) == ("queued", "Sales")


def test_a_task_is_paused_and_resumed(desk: Desk, centre: Centre) -> None:
    centre.push("t1", channel="task")
    desk.shows("t1", "Rings Support Task")

    desk.page.keyboard.press("a")
    desk.shows("t1", "Connected")
    desk.page.keyboard.press("h")
    desk.shows("t1", "Paused")
    desk.page.keyboard.press("h")

    desk.shows("t1", "Connected")


def test_the_customer_of_a_callback_who_is_not_reached_is_tried_again(desk: Desk, centre: Centre) -> None:
    centre.push("c1", channel="voice", callback={"retry_delay_s": 3, "retries": 1})
    desk.shows("c1", "Rings")
    expect(desk.card("c1")).to_contain_text("1 more tries")
    desk.page.keyboard.press("a")
    desk.shows("c1", "Connected")
    desk.page.keyboard.press("n")
    centre.is_in("c1", "scheduled")

    desk.shows("c1", "Rings")
    desk.page.keyboard.press("a")
    desk.shows("c1", "Connected")
    desk.page.keyboard.press("n")
    desk.card("c1").get_by_role("button", name="Really? That was the last try").click()

    expect(desk.card("c1")).to_have_count(0)
    centre.is_in("c1", "expired")


def test_the_worklist_is_there_beside_what_rings(desk: Desk, centre: Centre) -> None:
    centre.push("c1")
    centre.push("w1", queue="Later", attributes={"amount": "12"})
    desk.shows("c1", "Rings")
    expect(desk.page.locator("#worklist")).to_contain_text("amount: 12")

    desk.page.get_by_role("button", name="Take: w1").click()

    desk.shows("w1", "Connected Later Chat")
    desk.shows("c1", "Rings")
    expect(desk.page.locator("#worklist")).to_be_hidden()


def test_the_status_changes_now_or_after_the_last_contact(desk: Desk, centre: Centre) -> None:
    centre.push("c1")
    desk.shows("c1", "Rings")
    desk.page.keyboard.press("a")
    desk.shows("c1", "Connected")

    desk.page.keyboard.press("s")
    expect(desk.page.get_by_label("Status")).to_be_focused()
    desk.page.get_by_label("Status").select_option("Lunch")
    desk.page.get_by_role("button", name="Set after the last contact").click()
    expect(desk.page.locator("#following")).to_contain_text("then Lunch")
    assert centre.agent()["next_status"] == "Lunch"
    desk.page.get_by_role("button", name="Cancel").click()
    expect(desk.page.locator("#following")).to_be_hidden()
    desk.page.get_by_role("button", name="Set now").click()

    expect(desk.page.locator("#doing")).to_have_text("Lunch")
    assert centre.agent()["status"] == "Lunch"


def test_a_key_means_the_contact_in_focus_and_never_guesses(desk: Desk, centre: Centre) -> None:
    for name in ("c1", "c2"):
        centre.push(name)
        desk.shows(name, "Rings")
        desk.card(name).get_by_role("button", name="Accept").click()
        desk.shows(name, "Connected")
    desk.page.evaluate("document.activeElement.blur()")

    desk.page.keyboard.press("c")
    expect(desk.card("c1")).to_be_focused()
    desk.page.keyboard.press("j")
    expect(desk.card("c2")).to_be_focused()
    desk.page.keyboard.press("c")

    desk.shows("c2", "After-contact work")
    desk.shows("c1", "Connected")


def test_the_shortcuts_are_listed_and_can_be_switched_off(desk: Desk, centre: Centre) -> None:
    centre.push("c1")
    desk.shows("c1", "Rings")

    desk.page.keyboard.press("?")
    expect(desk.page.locator("#shortcuts")).to_contain_text("CComplete")
    desk.page.get_by_label("Shortcuts are on").uncheck()
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("r")
    desk.page.keyboard.press("?")
    desk.page.get_by_label("Shortcuts are on").check()
    desk.page.keyboard.press("Escape")
    desk.shows("c1", "Rings")
    desk.page.keyboard.press("r")

    expect(desk.card("c1")).to_have_count(0)


def test_it_rings_until_it_is_answered_and_says_nothing_when_it_is_muted(desk: Desk, centre: Centre) -> None:
    sound = desk.page.locator("#sound")
    expect(sound).to_have_text("Sound: on")
    centre.push("c1")
    expect(sound).to_have_attribute("data-played", re.compile("[2-9]"))

    desk.page.keyboard.press("a")
    desk.shows("c1", "Connected")
    desk.page.get_by_role("button", name="Sound: on").click()
    so_far = sound.get_attribute("data-played")
    centre.push("c2")
    desk.shows("c2", "Rings")

    expect(sound).to_have_text("Sound: off")
    assert sound.get_attribute("data-played") == so_far


def test_who_is_let_in_as_one_agent_only_signs_in_as_that_one(
    context: BrowserContext, server: RealServer, serving: Callable[..., Serving]
) -> None:
    configure(server.url)
    with Administrator.connect(server.url) as administrator:
        _, text = administrator.create_token(["work"], agent="bo")
        _, other = administrator.create_token(["measures"], name="wall")
    desk = Desk(context, serving().address)
    desk.page.get_by_label("Token").fill(other)
    desk.page.get_by_role("button", name="Go on").click()
    expect(desk.page.locator("#refused")).to_contain_text("works as no agent")

    desk.page.get_by_label("Token").fill(text)
    desk.page.get_by_role("button", name="Go on").click()
    expect(desk.page.locator("#as-agent")).to_have_text("You work as bo.")
    desk.page.get_by_role("button", name="Sign in", exact=True).click()
    desk.is_live()
    expect(desk.page.get_by_label("Status").get_by_role("option", name="Lunch")).to_be_attached()
    desk.page.get_by_role("button", name="Sign out").click()
    desk.page.get_by_role("button", name="Really?").click()

    expect(desk.page.locator("#why")).to_have_text("You are signed out.")
    assert context.cookies()[0].get("httpOnly")


def test_who_is_new_chooses_a_routing_profile(context: BrowserContext, address: str, centre: Centre) -> None:
    desk = Desk(context, address)
    desk.page.get_by_label("Agent", exact=True).fill("zoe")

    desk.page.get_by_label("Routing profile").select_option("P")
    desk.page.get_by_role("button", name="Sign in", exact=True).click()

    desk.is_live()
    assert centre.agent("zoe")["profile"] == "P"


def test_a_supervisor_ends_the_session_and_the_desk_says_so(desk: Desk, centre: Centre) -> None:
    centre.push("c1")
    desk.shows("c1", "Rings")

    centre.delete("/agents/ana/session")

    expect(desk.page.locator("#why")).to_have_text("You were signed out by http.")
    eventually(lambda: centre.contact("c1")["state"] == "queued")


def test_it_speaks_the_language_that_was_chosen_and_remembers_the_theme(desk: Desk) -> None:
    root = desk.page.locator("html")
    desk.page.get_by_role("button", name="Deutsch").click()
    expect(desk.page.locator("#state")).to_have_text("Verbunden")
    desk.page.get_by_role("button", name="Farben: wie das System").click()
    expect(root).to_have_attribute("data-theme", "light")

    desk.page.get_by_role("button", name="Farben: hell").click()
    desk.page.reload()

    expect(desk.page.locator("#state")).to_have_text("Verbunden")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("lang", "de")
    assert desk.page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_both_languages_say_the_same_things() -> None:
    text = (Path(fairlead_web.__file__).parent / "static" / "desk" / "texts.js").read_text(encoding="utf-8")
    english, german = re.split(r"\n  de: ", text.partition("const REFUSALS")[0])
    rows = [re.findall(r"^    (\w+):\s+\"(.*)\",$", part, re.MULTILINE) for part in (english, german)]
    values = [{name: set(re.findall(r"\{\w+\}", words)) for name, words in found} for found in rows]

    assert len(values[0]) > 80
    assert values[0] == values[1]


def test_what_rings_while_nobody_sees_the_page_is_told_by_the_system(
    context: BrowserContext, address: str, centre: Centre
) -> None:
    context.grant_permissions(["notifications"], origin=address)
    context.add_init_script("""
        Object.defineProperty(document, "hidden", { get: () => true });  // browsers without a screen hide no page
        window.notified = [];
        window.Notification = class extends Notification {
          constructor(title, options) { super(title, options); window.notified.push(this.title); }
        };
    """)
    desk = Desk(context, address)
    desk.sign_in()
    desk.is_live()

    centre.push("c1", customer="mia", payload={"secret": "s"})
    desk.shows("c1", "Rings")

    eventually(lambda: desk.page.evaluate("window.notified") == ["Chat from Support rings"])


def test_motion_is_left_out_for_whom_it_disturbs(desk: Desk, centre: Centre) -> None:
    centre.push("c1")
    desk.shows("c1", "Rings")
    animation = "getComputedStyle(document.querySelector('.card.offered')).animationName"

    moving = desk.page.evaluate(animation)
    desk.page.emulate_media(reduced_motion="reduce")

    assert (moving, desk.page.evaluate(animation)) == ("ring", "none")
