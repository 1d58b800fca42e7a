"""What the machine draws: its queues and agents are given; profiles, proficiencies and criteria are by chance."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from fairlead.domain.channel import Channel
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue

S = 1_000_000
STEP_US = 100
"""What passes with a transition: more than the stamps that it takes."""
QUEUES = {
    "Sales": Queue("Sales", retry_delay_s=0, offer_again_after_s=None),
    "Support": Queue("Support", max_attempts=3, max_contacts=4),
    "Billing": Queue("Billing", max_attempts=2, retry_delay_s=4, acw_s={"voice": 10}),
}
CHOICES: dict[str, list[dict[str, Any]]] = {
    "Sales": [{"agent_choice": "round_robin"}, {"agent_choice": "longest_idle"}],
    "Support": [{"agent_choice": "least_loaded"}, {"agent_choice": "lowest_load_ratio"}],
    "Billing": [
        {"agent_choice": "most_skilled"}, {"agent_choice": "highest_proficiency", "choice_proficiency": "L:fr"},
        {"agent_choice": "round_robin", "turn_away_when": "nobody_staffed"}, {"turn_away_when": "nobody_available"},
    ],
}  # fmt: skip
"""How each queue may choose agents, and when contacts are turned away."""
USED_CHANNELS: tuple[Channel, ...] = ("voice", "chat", "task")
AGENTS = {"ana": "P", "bo": "Q", "cem": "P", "dora": "Q"}
OWN: dict[str, dict[str, Any]] = {
    "ana": {"acw_s": {"voice": "unlimited", "task": 7}},
    "bo": {"acw_s": {"voice": 0}},
    "dora": {"offer_window_ms": {"chat": 5_000}},
}
"""What an agent's configuration has beside its profile."""
ASK_TO_ACCEPT = [{"bo", "cem", "dora"}, set(AGENTS)]
"""Who may be asked before it gets a contact."""
HOLDERS = ["here/1", "here/2"]
CAPACITY = {"ana": 0, "bo": 3, "cem": 0, "dora": 0}

offer_to = st.sampled_from([1, 1, 2, 2, 10])
"""At how many agents a contact of a queue may ring."""
concurrencies = st.fixed_dictionaries(
    {"voice": st.builds(Concurrency, st.just(1), st.booleans())},
    optional={
        "chat": st.builds(Concurrency, st.integers(1, 3), st.booleans()),
        "task": st.builds(Concurrency, st.integers(1, 2), st.booleans()),
    },
)
proficiencies = st.dictionaries(st.sampled_from(["L:fr", "L:de", "T:db"]), st.integers(1, 5), max_size=3)
criteria = st.sampled_from(
    [(), (), ()]
    + [
        tuple(parse_step(step) for step in steps)
        for steps in (
            ["L:fr >= 3"],
            ["L:fr >= 4 for 5s", "L:fr >= 2 for 5s"],
            ["L:fr >= 4 and T:db in [2, 3] or agents [bo] for 6s", "not (L:de >= 1)"],
            ["agents [ana, cem] for 4s"],
            ["not (agents [ana]) for 30s"],
        )
    ]
)


def _limited(channels: Mapping[Channel, Concurrency], entry: Entry) -> Entry:
    """The entry, without a limit where the channel has fewer slots than that."""
    is_too_high = (entry.max_contacts or 0) > channels[entry.channel].slots
    return replace(entry, max_contacts=None) if is_too_high else entry


@st.composite
def profiles(draw: st.DrawFn, name: str) -> RoutingProfile:
    channels = draw(concurrencies)
    pairs = st.tuples(st.sampled_from(sorted(QUEUES)), st.sampled_from(sorted(channels)))
    entries = draw(
        st.lists(
            st.builds(
                lambda pair, *rest: _limited(channels, Entry(*pair, *rest)),
                pairs, st.integers(1, 3), st.sampled_from([0, 0, 5, 30]), st.sampled_from([False, False, False, True]),
                st.integers(1, 3), st.sampled_from([None, 1, 1, 2]),
            ),
            min_size=4,
            max_size=8, unique_by=lambda entry: (entry.queue, entry.channel),
        )
    )  # fmt: skip
    sharing = draw(st.sampled_from(["strict", "strict", "weighted"]))
    rows = tuple(sorted(entries, key=lambda entry: entry.priority))
    return RoutingProfile(name, channels, rows, sharing=sharing)
