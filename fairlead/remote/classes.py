"""What producers, supervisors and administrators ask, each made of what the library's class of that name asks."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Concatenate, ParamSpec, TypeVar, Unpack
from urllib.parse import quote

import orjson
from pydantic import TypeAdapter

from fairlead.configuration.document import SECTIONS
from fairlead.configuration.objects import check_object, object_values, parse_object
from fairlead.configuration.plan import Plan
from fairlead.configuration.reading import parse_configuration
from fairlead.configuration.writing import render
from fairlead.domain.configuration import Configuration
from fairlead.domain.measures import Estimate
from fairlead.domain.objects import Kind, Object, kind_of
from fairlead.errors import ConfigurationChanged, FairleadError
from fairlead.remote.asking import AsyncCaller, Caller, Told, failure_of
from fairlead.remote.calls import (
    Call,
    Reply,
    Resource,
    Talk,
    contact,
    contact_of,
    contacts,
    member,
    nothing,
    pushed,
    whole,
)
from fairlead.remote.explaining import (
    contact_explanation_of,
    decision_of,
    session_of,
    timeline_of,
    trial_of,
)
from fairlead.remote.following import Heard, event_of, follow, follow_async
from fairlead.service import administrator, explain, supervisor
from fairlead.service.administrator import Planned, with_levels
from fairlead.service.asked import Ask
from fairlead.service.decision import Decision, explain_offer
from fairlead.service.estimate import estimate_queue, estimate_wait
from fairlead.service.explain import ContactExplanation
from fairlead.service.intakes import Trial, try_intake
from fairlead.service.producer import PIPELINE, ContactOptions, new_contact
from fairlead.service.report import AgentRow, QueueRow, read_agent_report, read_report
from fairlead.service.timeline import Timeline, read_timeline
from fairlead.service.tokens import Token, create_token, digest_of, revoke_token, tokens
from fairlead.service.what_if import WhatIf, what_if
from fairlead.store import reading
from fairlead.store.keys import Keys
from fairlead.store.new_contact import NewContact
from fairlead.store.procedure import Procedure
from fairlead.store.reading import AgentState, ContactPage, EventFilter, EventPage
from fairlead.store.transitions import configuring, describing, producing, supervising
from fairlead.store.transitions.describing import SessionDescription
from fairlead.store.transitions.producing import Receipt

T = TypeVar("T")
P = ParamSpec("P")

TOML = "application/toml"
TRIES = 5


def of_keys(like: Callable[Concatenate[Keys, P], Ask[T]], resource: Resource[T]) -> Told[P, T]:
    """A method of what the library builds for an instance."""
    return Told(lambda _, *args, **options: resource.call(like, args, options), like)


def of_nothing(like: Callable[P, Procedure[T]], resource: Resource[T]) -> Told[P, T]:
    """A method of what the library builds without one."""
    return Told(lambda _, *args, **options: resource.call(like, args, options), like)


def as_in(like: Callable[P, Procedure[T]]) -> Callable[[Callable[..., Talk[T]]], Told[P, T]]:
    """Makes a method of calls that are several, or have a form of their own; its words are the library's."""
    return lambda talk: Told(talk, like)


def as_in_keys(like: Callable[Concatenate[Keys, P], Ask[T]]) -> Callable[[Callable[..., Talk[T]]], Told[P, T]]:
    """The same, for what the library builds for an instance."""
    return lambda talk: Told(talk, like)


def _contact_action(name: str) -> Resource[None]:
    return Resource("POST", f"/v1/contacts/{{contact_id}}/{name}", nothing)


def _push(queue: str, payload: Any, options: Mapping[str, Any]) -> Talk[Receipt]:
    new = new_contact(queue, payload, **options)
    reply = yield Call("PUT", f"/v1/contacts/{new.contact_id}", pushed(new))
    return _receipt(reply, {})


_receipt = whole(Receipt)


def _push_batch(batch: Sequence[NewContact]) -> Talk[list[Receipt | FairleadError]]:
    body = {"contacts": [{**pushed(new), "contact_id": new.contact_id} for new in batch]}
    reply = yield Call("POST", "/v1/contacts:batch", body)
    return [_result(one) for one in reply.value["results"]]


def _result(told: Mapping[str, Any]) -> Receipt | FairleadError:
    if told["contact"]:
        return Receipt(**told["contact"])
    return failure_of(told["status"], orjson.dumps(told["problem"]).decode(), "the server")


def _batches(new: Iterable[NewContact]) -> Iterator[list[NewContact]]:
    left = iter(new)
    while batch := list(islice(left, PIPELINE)):
        yield batch


class _OfCustomers:
    """What those ask who act for customers."""

    abandon = of_keys(producing.abandon, _contact_action("abandon"))
    reschedule = of_keys(producing.reschedule, _contact_action("reschedule"))
    request_callback = of_keys(producing.request_callback, _contact_action("callback"))
    update = of_keys(producing.update, Resource("PATCH", "/v1/contacts/{contact_id}", nothing))


_ESTIMATE_QUEUE = of_nothing(estimate_queue, Resource("GET", "/v1/queues/{queue}/estimate", whole(Estimate)))


class Producer(_OfCustomers, Caller):
    """Pushes contacts, synchronously. It may be used by several threads."""

    estimate_queue = _ESTIMATE_QUEUE

    def push(self, queue: str = "", payload: Any = None, **options: Unpack[ContactOptions]) -> Receipt:
        """Push one contact, as in fairlead.Producer. It is sent again, under its id, when an answer is lost."""
        return self.run(_push(queue, payload, options))

    def push_many(self, contacts: Iterable[NewContact]) -> Iterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error with which it was refused."""
        for batch in _batches(contacts):
            yield from self.run(_push_batch(batch))


class AsyncProducer(_OfCustomers, AsyncCaller):
    """Pushes contacts, in asyncio."""

    estimate_queue = _ESTIMATE_QUEUE

    async def push(self, queue: str = "", payload: Any = None, **options: Unpack[ContactOptions]) -> Receipt:
        """As Producer.push."""
        return await self.run(_push(queue, payload, options))

    async def push_many(self, contacts: Iterable[NewContact]) -> AsyncIterator[Receipt | FairleadError]:
        """As Producer.push_many."""
        for batch in _batches(contacts):
            for answer in await self.run(_push_batch(batch)):
                yield answer


def _page(reply: Reply, _: Mapping[str, Any]) -> ContactPage:
    told = reply.value
    return ContactPage(tuple(contact_of(one) for one in told["items"]), told["next_cursor"] or "")


def _events(reply: Reply, _: Mapping[str, Any]) -> EventPage:
    told = reply.value
    return EventPage(tuple(map(event_of, told["items"])), told["next_after"] if told["more"] else "")


def _explained(contact_id: str, agent: str) -> Talk[ContactExplanation]:
    path = f"/v1/contacts/{quote(contact_id, safe='')}"
    told = (yield Call("GET", f"{path}/explanation", query={"agent": agent} if agent else {})).value
    return contact_explanation_of(told, contact((yield Call("GET", path)), {}))


def _decision(reply: Reply, _: Mapping[str, Any]) -> Decision:
    return decision_of(reply.value)


def _trial(reply: Reply, _: Mapping[str, Any]) -> Trial:
    return trial_of(reply.value)


def _timeline(reply: Reply, _: Mapping[str, Any]) -> Timeline:
    return timeline_of(reply.value)


def _session(reply: Reply, _: Mapping[str, Any]) -> SessionDescription:
    return session_of(reply.value)


class _Watching:
    """What may be known of an instance."""

    agent = of_nothing(supervisor.agent, Resource("GET", "/v1/agents/{name}/state", whole(AgentState)))
    estimate = of_nothing(
        estimate_wait, Resource("GET", "/v1/contacts/{contact_id}/estimate", whole(Estimate))
    )
    estimate_queue = _ESTIMATE_QUEUE
    explain_offer = of_nothing(
        explain_offer, Resource("GET", "/v1/contacts/{contact_id}/decision", _decision)
    )
    try_intake = of_nothing(try_intake, Resource("POST", "/v1/intakes/{intake}/try", _trial))
    find_contacts = of_nothing(reading.find_contacts, Resource("GET", "/v1/contacts", _page))
    find_events = of_nothing(reading.find_events, Resource("GET", "/v1/events", _events))
    report = of_nothing(
        read_report, Resource("GET", "/v1/measures", member("items", list[QueueRow]), {"by": "queue"})
    )
    agent_report = of_nothing(
        read_agent_report, Resource("GET", "/v1/measures", member("items", list[AgentRow]), {"by": "agent"})
    )
    session = of_keys(describing.describe_session, Resource("GET", "/v1/agents/{agent}/session", _session))
    timeline = of_nothing(read_timeline, Resource("GET", "/v1/contacts/{contact_id}/timeline", _timeline))
    line = of_nothing(supervisor.line, Resource("GET", "/v1/queues/{queue}/line", contacts))
    worklist = of_nothing(supervisor.worklist, Resource("GET", "/v1/agents/{name}/worklist", contacts))

    @as_in(explain.explain_contact)
    def explain_contact(self, contact_id: str, agent: str = "") -> Talk[ContactExplanation]:
        return (yield from _explained(contact_id, agent))

    @as_in(reading.contact)
    def contact(self, contact_id: str, *, with_payload: bool = False) -> Talk[reading.ContactRecord]:
        query = {"include": "payload"} if with_payload else {}
        return contact((yield Call("GET", f"/v1/contacts/{contact_id}", query=query)), {})

    @as_in(reading.configuration_in_force)
    def configuration(self) -> Talk[tuple[Configuration, int]]:
        reply = yield Call("GET", "/v1/configuration", headers={"Accept": TOML})
        return parse_configuration(reply.text, "the server's configuration"), reply.version

    @as_in(reading.object_in_force)
    def object(self, kind: Kind, name: str) -> Talk[tuple[Any, int]]:
        reply = yield Call("GET", f"/v1/{SECTIONS[kind]}/{name}")
        values = {key: value for key, value in reply.value.items() if key != "name"}
        return parse_object(kind, name, values), reply.version


class _Following(_Watching, Caller):
    def follow(self, wanted: EventFilter | None = None, after: str | None = None) -> Iterator[Heard]:
        """The events that the filter takes, for ever: after an id, or from now on. After a cut it goes on where it was;
        a Gap says that events in between are gone. Raises what the server refuses it with.
        """
        return follow(self, wanted, after)


class _AsyncFollowing(_Watching, AsyncCaller):
    def follow(self, wanted: EventFilter | None = None, after: str | None = None) -> AsyncIterator[Heard]:
        """As in the synchronous class."""
        return follow_async(self, wanted, after)


_STATUS = "/v1/agents/{agent}/status"


class _Supervising(_OfCustomers):
    """What supervisors ask."""

    retry = of_keys(supervising.retry, _contact_action("retry"))
    move = of_keys(supervising.move, Resource("POST", "/v1/contacts/{contact_id}/move", member("queue", str)))
    hold = of_keys(supervising.hold, _contact_action("hold"))
    pause = of_keys(supervising.pause, _contact_action("pause"))
    resume = of_keys(supervising.resume, _contact_action("resume"))
    stop = of_keys(supervising.stop, _contact_action("stop"))
    forget = of_keys(supervising.forget, Resource("DELETE", "/v1/contacts/{contact_id}/personal-data", nothing))
    assign = of_keys(supervising.assign, Resource("POST", "/v1/contacts/{contact_id}/assign", member("state", str)))
    transfer = of_keys(
        supervising.transfer, Resource("POST", "/v1/contacts/{contact_id}/transfer", member("queue", str))
    )
    retry_parked = of_nothing(
        supervisor.retry_parked, Resource("POST", "/v1/parked/retry", member("retried", list[str]))
    )
    clear_slots = of_keys(
        supervising.clear_slots, Resource("POST", "/v1/agents/{agent}/slots/clear", member("cleared", int))
    )
    set_agent_status = of_keys(supervising.set_agent_status, Resource("PUT", _STATUS, nothing, {"when": "now"}))
    set_next_status = of_keys(
        supervising.set_next_status, Resource("PUT", _STATUS, member("status", str), {"when": "next"})
    )
    sign_out_agent = of_keys(
        supervising.sign_out_agent, Resource("DELETE", "/v1/agents/{agent}/session", member("given_back", list[str]))
    )


class Supervisor(_Supervising, _Following):
    """Watches over an instance and steps in, synchronously. It may be used by several threads."""


class AsyncSupervisor(_Supervising, _AsyncFollowing):
    """Watches over an instance and steps in, in asyncio."""


def _put(one: Object, version: int) -> Talk[int]:
    check_object(one)
    condition = {"If-Match": f'"{version}"'} if version else {"If-None-Match": "*"}
    path = f"/v1/{SECTIONS[kind_of(one)]}/{one.name}"
    reply = yield Call("PUT", path, object_values(one), headers=condition, is_repeatable=False)
    return reply.version


_PLAN = TypeAdapter(Plan)


def _token_of(shown: Mapping[str, Any], text: str = "") -> Token:
    told = {name: value for name, value in shown.items() if name != "token"}
    return _TOKEN.validate_python({**told, "digest": digest_of(text) if text else ""})


_TOKEN = TypeAdapter(Token)
_WHAT_IF = TypeAdapter(WhatIf)


class _Administering:
    """What administrators ask."""

    configuration: Any
    object: Any

    @as_in(administrator.put)
    def put(self, one: Object, version: int) -> Talk[int]:
        return (yield from _put(one, version))

    @as_in_keys(configuring.remove_object)
    def remove(self, kind: Kind, name: str, version: int) -> Talk[int]:
        path, condition = f"/v1/{SECTIONS[kind]}/{name}", {"If-Match": f'"{version}"'}
        return (yield Call("DELETE", path, headers=condition, is_repeatable=False)).version

    @as_in(administrator.change_object)
    def change_object(self, kind: Kind, name: str, make: Callable[[Any], Object]) -> Talk[int]:
        for left in reversed(range(TRIES)):
            found, version = yield from _Watching.object._talk(self, kind, name)
            try:
                return (yield from _put(make(found), version))
            except ConfigurationChanged:
                if not left:
                    raise
        raise AssertionError("a loop that ends by returning or raising")

    @as_in(administrator.set_agent_profile)
    def set_agent_profile(self, agent: str, profile: str) -> Talk[int]:
        return _Administering.change_object._talk(self, "agent", agent, lambda found: replace(found, profile=profile))

    @as_in(administrator.set_proficiencies)
    def set_proficiencies(self, agent: str, levels: Mapping[str, int]) -> Talk[int]:
        return _Administering.change_object._talk(self, "agent", agent, lambda found: with_levels(found, levels))

    @as_in(administrator.set_queue_enabled)
    def set_queue_enabled(self, queue: str, is_enabled: bool) -> Talk[int]:
        return _Administering.change_object._talk(
            self, "queue", queue, lambda found: replace(found, enabled=is_enabled)
        )

    @as_in(administrator.plan)
    def plan(self, target: Configuration) -> Talk[Planned]:
        reply = yield Call("PUT", "/v1/configuration", render(target), {"dry_run": True}, {"Content-Type": TOML})
        return Planned(_PLAN.validate_python(reply.value), reply.version, None)

    @as_in(what_if)
    def what_if(self, target: Configuration) -> Talk[WhatIf]:
        asked = Call("POST", "/v1/configuration/what_if", render(target), headers={"Content-Type": TOML})
        return _WHAT_IF.validate_python((yield asked).value)

    @as_in(create_token)
    def create_token(
        self, scopes: Sequence[str], *, agent: str = "", expires_in_s: int | None = None, name: str = ""
    ) -> Talk[tuple[Token, str]]:
        given = {"agent": agent, "expires_in_s": expires_in_s, "name": name}
        body = {"scopes": list(scopes)} | {key: value for key, value in given.items() if value not in ("", None)}
        told = (yield Call("POST", "/v1/tokens", body, is_repeatable=False)).value
        return _token_of(told, told["token"]), told["token"]

    @as_in(tokens)
    def tokens(self) -> Talk[list[Token]]:
        return [_token_of(one) for one in (yield Call("GET", "/v1/tokens")).value["items"]]

    @as_in(revoke_token)
    def revoke_token(self, token_id: str) -> Talk[None]:
        yield Call("DELETE", f"/v1/tokens/{quote(token_id, safe='')}", is_repeatable=False)

    @as_in(administrator.apply)
    def apply(self, target: Configuration, version: int | None = None) -> Talk[int]:
        condition = {"If-Match": "*" if version is None else f'"{version}"', "Content-Type": TOML}
        reply = yield Call("PUT", "/v1/configuration", render(target), headers=condition, is_repeatable=False)
        return reply.version


class Administrator(_Administering, _Following):
    """Configures an instance, synchronously. It may be used by several threads."""


class AsyncAdministrator(_Administering, _AsyncFollowing):
    """Configures an instance, in asyncio."""
