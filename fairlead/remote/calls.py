"""Requests over HTTP as values: made once of what the library asks, sent by a sync or an asyncio caller."""

import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar
from urllib.parse import quote

import orjson
from pydantic import TypeAdapter

from fairlead.domain.criteria import Step, steps_of
from fairlead.store.keys import Keys
from fairlead.store.members import criteria_text
from fairlead.store.new_contact import NewContact
from fairlead.store.reading import ContactRecord

T = TypeVar("T")
P = ParamSpec("P")

NOWHERE = Keys()
"""For building a request that is not sent, which checks its arguments."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `is_repeatable`: done twice it is done once, so that it is sent again when its answer is lost."""

    method: str
    path: str
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered. `value`: of a body in JSON."""

    headers: Mapping[str, str]
    text: str

    @property
    def value(self) -> Any:
        return orjson.loads(self.text) if self.text else None

    @property
    def version(self) -> int:
        """The version that the ETag says."""
        return int(self.headers["etag"].strip('"'))


Talk: TypeAlias = Generator[Call, Reply, T]
"""Yields calls and gets their replies."""


@dataclass(frozen=True, slots=True)
class Resource(Generic[T]):
    """How a method of the library is asked over HTTP: what the path names is put there, the rest is query or body.

    `read`: the answer, of the reply and the arguments; `more`: members that say which of several methods it is.
    """

    method: str
    path: str
    read: Callable[[Reply, Mapping[str, Any]], T]
    more: Mapping[str, Any] = field(default_factory=dict)

    def call(self, asked: Callable[..., Any], arguments: tuple[Any, ...], options: Mapping[str, Any]) -> Talk[T]:
        """Ask what `asked` asks with these arguments. Raises what it raises when a request is built."""
        signature = inspect.signature(asked)
        first = next(iter(signature.parameters), "")
        if first == "keys":
            asked(NOWHERE, *arguments, **options)  # nothing is sent: what breaks a limit is known here
        instance = (NOWHERE,) if first in ("keys", "source") else ()
        given = dict(signature.bind(*instance, *arguments, **options).arguments)
        given.pop("keys", None)
        given.pop("source", None)
        plain = {name: _plain(value) for name, value in given.items()}
        path = self.path.format_map({name: quote(str(value), safe="") for name, value in plain.items()})
        left = {name: value for name, value in plain.items() if f"{{{name}}}" not in self.path}
        for name in [name for name, value in left.items() if isinstance(value, dict) and name != "attributes"]:
            left |= left.pop(name)
        left |= self.more
        if self.method in ("GET", "DELETE"):
            reply = yield Call(
                self.method, path, query={name: one for name, one in left.items() if one not in ("", None)}
            )
        else:
            reply = yield Call(
                self.method, path, {name: one for name, one in left.items() if one != "" or name == "status"}
            )
        return self.read(reply, given)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Step):
        return _step_text(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(one) for one in value]
    return value


def _step_text(step: Step) -> str:
    """A routing step as its producer may have written it."""
    return f"{step.expression}" + ("" if step.expiry_s is None else f" for {step.expiry_s}s")


def nothing(_: Reply, __: Mapping[str, Any]) -> None:
    """The answer of a request that only succeeds or raises."""


def member(name: str, kind: type[T]) -> Callable[[Reply, Mapping[str, Any]], T]:
    """One member of what is answered."""
    adapter = TypeAdapter(kind)
    return lambda reply, _: adapter.validate_python(reply.value[name])


def whole(kind: type[T]) -> Callable[[Reply, Mapping[str, Any]], T]:
    """What is answered is the value."""
    adapter = TypeAdapter(kind)
    return lambda reply, _: adapter.validate_python(reply.value)


_RECORD = TypeAdapter(ContactRecord)


def contact_of(shown: Mapping[str, Any]) -> ContactRecord:
    """A contact's record, of how it is shown."""
    told = dict(shown)
    told["criteria"] = criteria_text(steps_of(told["criteria"])).split("\n") if told["criteria"] else []
    told["refused"], told["rings"] = told.pop("refused_until_us").items(), told.pop("ring_tokens").items()
    if "payload" in told:
        told["payload"] = orjson.dumps(told["payload"])
    return _RECORD.validate_python({**told, "refused": list(told["refused"]), "rings": list(told["rings"])})


def contact(reply: Reply, _: Mapping[str, Any]) -> ContactRecord:
    """One contact."""
    return contact_of(reply.value)


def contacts(reply: Reply, _: Mapping[str, Any]) -> list[ContactRecord]:
    """Several contacts."""
    return [contact_of(one) for one in reply.value["items"]]


def pushed(new: NewContact) -> dict[str, Any]:
    """A contact that is to be pushed, as a body has it."""
    told = asdict(new) | {
        "payload": orjson.Fragment(new.payload),
        "criteria": [_step_text(step) for step in new.criteria],
    }
    return {name: value for name, value in told.items() if value not in (None, "", [], {}) and name != "contact_id"}
