"""The classes of `fairlead.remote` answer what those of the library answer, by the same methods."""

import asyncio
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import RealServer
from fairlead_web.api.problems import _tree, described
from web.conftest import Serving

import fairlead
from fairlead import Callback, Step, errors, new_contact, remote
from fairlead.domain.criteria import parse_expression, parse_step
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.domain.queue import Queue
from fairlead.errors import FairleadError
from fairlead.service.problems import error_of
from fairlead.store.reading import ContactFilter, EventFilter

PAGE = (Path(__file__).parents[2] / "docs" / "remote.md").read_text()
TREE = _tree(FairleadError)
NAMES = ("Producer", "Supervisor", "Administrator", "Agent")
NUMBER = re.compile(r"\d{1,3}(,\d{3}){2,}|\d{14,}")
MICROSECONDS = 10**14
"""A number above is a time, which differs each time."""


class Classes:
    """The four classes, of the library or over HTTP, on one instance; each is used by plain calls."""

    def __init__(self, module: Any, where: str, **actor: str) -> None:
        self.producer = module.Producer.connect(where, **actor)
        self.supervisor = module.Supervisor.connect(where, **actor)
        self.administrator = module.Administrator.connect(where, **actor)
        self.agent = module.Agent.connect("ana", where)

    def close(self) -> None:
        for one in vars(self).values():
            one.close()


class AsyncClasses(Classes):
    """Those for asyncio, each called as if it were not."""

    def __init__(self, where: str) -> None:
        runner = asyncio.Runner()
        connect = {name: getattr(remote, f"Async{name}").connect for name in NAMES}
        self.producer = Plainly(runner, runner.run(connect["Producer"](where)))
        self.supervisor = Plainly(runner, runner.run(connect["Supervisor"](where)))
        self.administrator = Plainly(runner, runner.run(connect["Administrator"](where)))
        self.agent = Plainly(runner, runner.run(connect["Agent"]("ana", where)))


class Plainly:
    """Waits for whatever is to be awaited."""

    def __init__(self, runner: asyncio.Runner, one: Any) -> None:
        self._runner, self._one = runner, one

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*arguments: Any, **options: Any) -> Any:
            asked = getattr(self._one, name)(*arguments, **options)
            return await asked if inspect.isawaitable(asked) else [one async for one in asked]

        return lambda *arguments, **options: self._runner.run(ask(*arguments, **options))


def outcome(ask: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What is answered, or the error with what it says."""
    try:
        return plain(ask(*arguments, **options))
    except FairleadError as failure:
        return type(failure), NUMBER.sub("a number", str(failure))


def plain(value: Any) -> Any:
    """A value without its times."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, plain(asdict(value))
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items() if not key.endswith(("event_id", "_left_ms"))}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, FairleadError):
        return type(value), str(value)
    if str(value).isdigit() and int(value) > MICROSECONDS:
        return "a time"
    return value


def without_what_it_asked_for(decision: Any) -> Any:
    """A decision without the criteria of contacts, which are not told over HTTP."""
    if isinstance(decision[1], dict):
        for then in decision[1]["contacts"]:
            del then["contact"]["criteria"], then["contact"]["refused"], then["contact"]["step"]
    return decision


def counts_of(rows: Any) -> Any:
    """The rows of a report without what was measured in seconds."""
    return [{key: value for key, value in row.items() if not isinstance(value, float)} for _, row in rows]


def refusal_of(plan: Callable[..., Any], target: Any) -> Any:
    """What refuses a plan: the library tells it with the plan, over HTTP it is raised."""
    try:
        return plain(plan(target).refusal)
    except FairleadError as refusal:
        return plain(refusal)


def scenario(of: Classes) -> Iterator[Any]:
    """A bit of everything, and what it is answered."""
    producer, supervisor, administrator, agent = of.producer, of.supervisor, of.administrator, of.agent
    yield outcome(administrator.put, Queue("Small", max_contacts=1), 0)
    yield outcome(administrator.put, Queue("Small", max_contacts=2), 0)
    yield outcome(administrator.object, "queue", "Small")
    yield outcome(administrator.change_object, "queue", "Small", lambda found: Queue("Small", max_contacts=3))
    slowly = {"retry_delay_s": 600, "offer_again_after_s": 600, "acw_s": {"voice": 600}}  # nothing comes due meanwhile
    yield outcome(administrator.change_object, "queue", "BasicQueue", lambda found: replace(found, **slowly))
    yield outcome(administrator.change_object, "profile", "BasicRoutingProfile", lambda found: replace(
        found, entries=tuple(replace(entry, weight=3, max_contacts=4) for entry in found.entries)
    ))  # fmt: skip
    configuration, version = administrator.configuration()
    yield plain(configuration), version
    yield outcome(administrator.apply, configuration, version)
    yield outcome(administrator.apply, replace(configuration, events_kept=99_999), version + 7)[0]
    yield outcome(administrator.plan, configuration)
    yield outcome(administrator.plan, replace(configuration, events_kept=99_999))
    yield outcome(administrator.set_queue_enabled, "Small", False)
    yield outcome(administrator.object, "queue", "Small")
    yield outcome(administrator.set_queue_enabled, "Small", True)
    yield outcome(administrator.set_queue_enabled, "Nowhere", True)
    criteria = ("Language:French >= 4 for 30s", Step(parse_expression("Language:French >= 3 or not (agents [bo])")))
    yield outcome(
        producer.push, "BasicQueue", {"order": [1, 2.5, None, "é"]}, channel="voice", contact_id="c1", priority=3,
        age_adjustment_s=60, criteria=criteria, attributes={"tier": "gold"}, headers={"traceparent": "x"},
        customer="anna", expiry_s=600,
    )  # fmt: skip
    yield outcome(producer.push, "BasicQueue", contact_id="c1")
    yield outcome(producer.push, "Nowhere", contact_id="c2")
    yield outcome(producer.push, "two words")
    yield outcome(lambda: list(producer.push_many(new_contact(q, contact_id=f"b-{q}") for q in ("Small", "Nowhere"))))
    yield outcome(producer.push, "BasicQueue", contact_id="cb", callback=Callback(3_600, retries=2))
    yield outcome(producer.update, "c1", priority=2, attributes={"tier": None, "vip": "yes"}, criteria=())
    yield outcome(producer.reschedule, "cb", 1_900_000_000_000_000)
    yield outcome(producer.request_callback, "b-Small", Callback(60), "BasicQueue")
    yield outcome(producer.abandon, "unknown")
    yield outcome(supervisor.contact, "c1", with_payload=True)
    yield outcome(supervisor.find_contacts, ContactFilter(queue="BasicQueue", state="queued"))
    yield outcome(supervisor.line, "BasicQueue", "voice")
    yield outcome(supervisor.estimate, "c1")
    yield outcome(supervisor.estimate_queue, "BasicQueue")
    yield outcome(supervisor.estimate_queue, "Small", "chat", 1)
    yield outcome(supervisor.estimate_queue, "Nowhere")
    yield outcome(administrator.what_if, configuration)
    yield outcome(administrator.what_if, replace(configuration, profiles={
        name: replace(profile, entries=()) for name, profile in configuration.profiles.items()
    }))  # fmt: skip
    yield outcome(supervisor.move, "c1", "Small", "front")
    yield refusal_of(administrator.plan, replace(configuration, queues={
        name: queue for name, queue in configuration.queues.items() if name != "Small"
    }))  # fmt: skip
    yield outcome(administrator.put, Intake("Front", (
        Rule("attributes.tier == 'gold'", Choice("Small", priority=1, criteria=(parse_step("Language:French >= 3"),))),
    ), Choice(refuse="we are closed")), 0)  # fmt: skip
    yield outcome(supervisor.try_intake, "Front", channel="chat", attributes={"tier": "gold"})
    yield outcome(supervisor.try_intake, "Front", customer="anna")
    yield outcome(supervisor.try_intake, "Nowhere")
    yield outcome(agent.resume_session)
    yield outcome(agent.sign_in, profile="BasicRoutingProfile")
    yield outcome(producer.push, "BasicQueue", contact_id="why", criteria=("Language:French >= 5",))
    yield outcome(administrator.set_proficiencies, "ana", {"Language:French": 3, "Language:German": 2})
    yield outcome(administrator.set_proficiencies, "ana", {"Language:German": 0})
    yield outcome(administrator.set_proficiencies, "ana", {"Language:German": 9})
    yield outcome(administrator.object, "agent", "ana")
    yield outcome(administrator.set_agent_profile, "ana", "BasicRoutingProfile")
    yield outcome(administrator.set_agent_profile, "ana", "Nowhere")
    for asked in (("why",), ("why", "ana"), ("why", "unknown"), ("cb",), ("unknown",)):
        yield outcome(supervisor.explain_contact, *asked)
    yield outcome(supervisor.move, "c1", "BasicQueue")
    [offer] = agent.take().offers
    yield plain(offer)
    yield outcome(agent.accept, offer)
    for asked in (("c1",), ("c1", offer.token), ("c1", 7), ("why",), ("unknown",)):
        yield without_what_it_asked_for(outcome(supervisor.explain_offer, *asked))
    yield outcome(administrator.what_if, configuration)
    yield outcome(supervisor.agent, "ana")[1]["slots"]
    yield outcome(agent.describe)[1]["slots"]
    yield outcome(supervisor.session, "ana")[1]["slots"]
    yield outcome(supervisor.session, "bo")
    yield outcome(agent.hold, offer)
    yield outcome(agent.resume, offer)
    yield outcome(supervisor.hold, "c1")
    yield outcome(supervisor.resume, "c1")
    yield outcome(agent.fail, [(offer, "ValueError at shop.py:1")])
    yield outcome(agent.complete, [offer])
    yield outcome(agent.accept, offer)
    yield outcome(supervisor.set_next_status, "ana", "Offline")
    yield outcome(agent.set_status, "Nap")
    yield outcome(supervisor.contact, "c1")
    yield outcome(supervisor.stop, "c1")
    yield outcome(supervisor.retry, "c1")
    yield outcome(supervisor.retry_parked)
    yield outcome(supervisor.timeline, "c1")
    yield outcome(supervisor.timeline, "unknown")
    yield outcome(supervisor.forget, "c1")
    yield outcome(supervisor.worklist, "ana")
    yield outcome(supervisor.clear_slots, "ana")
    yield outcome(supervisor.find_events, EventFilter(contact="c1", name="contact."), "-", 100)
    yield outcome(agent.begin, queue="two words")
    yield outcome(agent.begin, queue="Nowhere")
    yield outcome(agent.begin)
    begun = agent.begin(
        {"n": 1}, queue="BasicQueue", contact_id="out", priority=2, attributes={"tier": "gold"},
        headers={"traceparent": "x"}, customer="anna", related_to="c1",
    )  # fmt: skip
    yield plain(begun)
    yield outcome(agent.describe)[1]["slots"]
    yield outcome(agent.resume_session)
    yield outcome(agent.resume_session, 7)
    yield outcome(agent.complete, begun.offers)
    yield outcome(agent.describe)[1]["slots"]
    yield outcome(agent.clear, begun.offers[0].token)
    for within_s in (None, 5):
        yield counts_of(outcome(supervisor.report, 1_440, 1, "BasicQueue", within_s))
    yield counts_of(outcome(supervisor.agent_report, 1_440, 1))
    yield outcome(agent.sign_out)
    yield outcome(agent.resume_session)
    yield outcome(agent.describe)
    yield outcome(agent.take)
    yield outcome(administrator.remove, "queue", "Small", 1)
    yield outcome(administrator.revoke_token, "unknown")
    yield outcome(administrator.create_token, ["work"])
    yield outcome(administrator.create_token, ["contacts:read"], agent="nobody")
    made, text = administrator.create_token(["contacts:read", "work"], agent="ana", expires_in_s=60, name="desk")
    yield made.is_of(text), made.name, made.scopes, made.agent, made.expires_us - made.created_us


def told_by(of: Classes) -> list[Any]:
    try:
        return list(scenario(of))
    finally:
        of.close()


def test_the_same_asked_of_the_library_and_over_http_is_answered_the_same(
    server: RealServer, serving: Callable[..., Serving]
) -> None:
    by_library = told_by(Classes(fairlead, server.url, actor="http"))
    server.client().flushall()
    by_remote = told_by(Classes(remote, serving().address))
    server.client().flushall()
    by_async = told_by(AsyncClasses(serving().address))

    for library, over_http, in_asyncio in zip(by_library, by_remote, by_async, strict=True):
        assert over_http == library
        assert in_asyncio == library


@pytest.mark.parametrize("name", NAMES)
def test_methods_have_the_names_and_the_words_of_the_library_s(name: str) -> None:
    library, over_http = getattr(fairlead, name), getattr(remote, name)
    of_its_own = {"connect", "follow", "held", "run", "close", "named", "ask"}

    methods = {one for one in dir(over_http) if not one.startswith("_")} - of_its_own

    assert {one for one in methods if not hasattr(library, one)} == set()
    assert {one for one in methods if not getattr(over_http, one).__doc__} == set()
    assert {one for one in dir(over_http) if not one.startswith("_")} == {
        one for one in dir(getattr(remote, f"Async{name}")) if not one.startswith("_")
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_every_method(name: str) -> None:
    [told] = re.findall(rf"^\| `{name}` \| .* \| (.*) \|$", PAGE, re.MULTILINE)

    methods = {one for one in dir(getattr(remote, name)) if not one.startswith("_")}

    assert methods - set(re.findall(r"`(\w+)`", told)) <= {"connect", "held", "run", "close", "named", "ask"}
    assert set(re.findall(r"`(\w+)`", told)) - methods == set()


def test_every_error_comes_back_as_itself() -> None:
    for kind in (one for one in TREE if one is not errors.AgentSignedIn):
        found = error_of(described(kind("why"), {}))
        assert (type(found), str(found)) == (kind, "why")
    signed_in = error_of(described(errors.AgentSignedIn("why", holder="h", epoch=7, lease_left_ms=9), {}))
    assert isinstance(signed_in, errors.AgentSignedIn)
    assert (signed_in.holder, signed_in.epoch, signed_in.lease_left_ms) == ("h", 7, 9)
