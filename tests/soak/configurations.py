"""Configurations by chance, in which everything may be."""

from datetime import time
from random import Random

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent
from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration
from fairlead.domain.hours import DAYS, Hours
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue

AGENTS = ("ana", "bo", "cem", "dora", "emil")
QUEUES = ("Sales", "Support", "Billing", "Late")
CHOICES = ("longest_idle", "round_robin", "least_loaded", "most_skilled", "last_agent", "lowest_load_ratio")
OPEN = ((time(8), time(12)), (time(13), time(18)))


def draw_configuration(draw: Random) -> Configuration:
    """A whole configuration."""
    queues = {name: draw_queue(draw, name) for name in QUEUES}
    profiles = {name: draw_profile(draw, name) for name in ("P", "R")}
    skills = [{}, {}, {"L:fr": 1}, {"L:fr": 4, "L:de": 3}, {"L:de": 2}]
    agents = {
        name: Agent(
            name, "PR"[number % 2], proficiencies=draw.choice(skills),
            auto_accept=frozenset(draw.sample(CHANNELS, draw.choice([0, 0, 1, 2]))),
            acw_s=draw.choice([{}, {}, {"voice": "unlimited", "task": 7}, {"voice": 0, "chat": 30}]),
            offer_window_ms=draw.choice([{}, {"chat": 5_000}]),
        )
        for number, name in enumerate(AGENTS)
    }  # fmt: skip
    hours = {"Office": Hours("Office", "Europe/Berlin", dict.fromkeys(DAYS, OPEN))}
    statuses = {one.name: one for one in (AVAILABLE, OFFLINE, BREAK)}
    retention_s = draw.choice([60, 3_600])
    return Configuration(queues, profiles, agents, statuses, hours, ended_retention_s=retention_s)


def draw_queue(draw: Random, name: str) -> Queue:
    """A queue of which every setting may be anything."""
    choice = draw.choice(CHOICES)
    others = [one for one in QUEUES if one != name]
    return Queue(
        name, max_attempts=draw.randint(1, 4), retry_delay_s=draw.choice([0, 1, 50]),
        enabled=draw.random() < 0.98, max_contacts=draw.choice([None, None, 5, 12]),
        hours="Office" if name == "Late" else "", closed_policy=draw.choice(["hold", "refuse", "overflow"]),
        overflow=draw.choice(["", *others]), overflow_rank=draw.choice(["keep", "back", "front"]),
        offer_to=draw.choice([1, 2, 3]), max_offers=draw.choice([None, 2, 3]),
        missed_slot_s=draw.choice([None, 0, 10]),
        status_after_misses=draw.choice([0, 2]), missed_status=BREAK.name,
        offer_again_after_s=draw.choice([None, 0, 5, 60]), agent_choice=choice,
        acw_s=draw.choice([{}, {"voice": 10, "chat": "unlimited"}]),
        expiry_s=draw.choice([{}, {"voice": 60, "task": 600}, {"chat": 5_000, "email": 40}]),
        raise_after_s=draw.choice([None, 15]), raise_to=draw.randint(1, 3),
        overflow_after_s=draw.choice([None, None, 45]),
        turn_away_when=draw.choice(["never"] * 5 + ["nobody_staffed", "nobody_available", "nobody_signed_in"]),
        skip_steps_when=draw.choice(["never", "nobody_staffed", "nobody_available", "nobody_signed_in"]),
    )  # fmt: skip


def draw_profile(draw: Random, name: str) -> RoutingProfile:
    """A profile that serves some queues on some channels."""
    channels = {
        channel: Concurrency(1 if channel == "voice" else draw.randint(1, 3), draw.random() < 0.5)
        for channel in draw.sample(CHANNELS, draw.randint(3, 4))
    }
    pairs = [(queue, channel) for queue in QUEUES for channel in channels]
    entries = [
        Entry(
            queue, channel, draw.randint(1, 3), draw.choice([0, 0, 0, 5, 30]), draw.random() < 0.1,
            draw.randint(1, 3), draw.choice([None, None, draw.randint(1, channels[channel].slots)]),
        )
        for queue, channel in draw.sample(pairs, min(len(pairs), 10))
    ]  # fmt: skip
    timer = draw.choice(["since_last_activity", "since_last_inbound"])
    rows = tuple(sorted(entries, key=lambda entry: entry.priority))
    return RoutingProfile(
        name, channels, rows, sharing=draw.choice(["strict", "weighted"]), agent_availability_timer=timer,
        outbound_queue=draw.choice(["", *QUEUES]),
    )  # fmt: skip
