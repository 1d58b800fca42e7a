"""A pure Centre for tests: one profile that serves Q with voice and tasks, and Work, which has after-contact work."""

from fairlead.domain.agent import Agent
from fairlead.domain.centre import Centre, Contact
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue

S = 1_000_000
NOW_US = 1_800_000_000 * S
QUEUES = {
    "Q": Queue("Q", retry_delay_s=0, max_attempts=2, max_contacts=2, offer_again_after_s=0),
    "Work": Queue("Work", acw_s={"voice": 10}),
}
ENTRIES = (Entry("Q", "voice"), Entry("Q", "task"), Entry("Work", "voice"))
CHANNELS: dict[Channel, Concurrency] = {"voice": Concurrency(1), "task": Concurrency(1, allows_others=True)}
P = RoutingProfile("P", CHANNELS, ENTRIES)


def configuration_of(profile: RoutingProfile, *queues: Queue) -> Configuration:
    agents = {name: Agent(name, "P") for name in ("ana", "bo", "cem")}
    named = {queue.name: queue for queue in queues} or QUEUES
    return Configuration(named, {"P": profile}, agents, {})


def centre_with(**signed_in: bool) -> Centre:
    """Agents sign in by name; whether each accepts all."""
    centre = Centre(configuration_of(P))
    for place, (name, accepts_all) in enumerate(signed_in.items()):
        centre.sign_in(name, NOW_US + place, accepts_all=accepts_all)
    return centre


def new_contact(name: str) -> Contact:
    return Contact(name, "Q", "voice", 5, 0, 0)


def token_of(centre: Centre, contact_id: str, kind: str = "") -> int:
    """The token under which an agent has the contact."""
    return next(
        token
        for agent in centre.state.agents.values()
        for token, slot in agent.slots.items()
        if slot.contact.contact_id == contact_id and kind in ("", slot.kind)
    )
