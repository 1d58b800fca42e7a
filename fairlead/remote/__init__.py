"""The same over HTTP: `Producer`, `Supervisor`, `Administrator` and `Agent` for who reaches a server, and no Redis.

    from fairlead.remote import Producer

    with Producer.connect("https://fairlead.example", token) as producer:
        receipt = producer.push("Support", {"order": 4711}, channel="chat")

Methods, arguments, answers and errors are those of the classes of the same names in `fairlead`, of which they are made:
what they have in common has the same types. The extra is `fairlead[remote]`.
"""

from fairlead.remote.agent import Agent, AsyncAgent
from fairlead.remote.asking import HttpRefused, ServerUnreachable
from fairlead.remote.classes import (
    Administrator,
    AsyncAdministrator,
    AsyncProducer,
    AsyncSupervisor,
    Producer,
    Supervisor,
)
from fairlead.remote.following import Gap

__all__ = [
    "Administrator", "Agent", "AsyncAdministrator", "AsyncAgent", "AsyncProducer", "AsyncSupervisor", "Gap",
    "HttpRefused", "Producer", "ServerUnreachable", "Supervisor",
]  # fmt: skip
