"""Simulated centres for tests: scenarios in a few words."""

from pathlib import Path

from fairlead.simulation.scenario import Scenario, parse_scenario

SINGLE_QUEUE = """
[queues.Q]
[profiles.P]
channels.voice = { slots = 1 }
entries = [{ queue = "Q", channel = "voice" }]
"""


def centre_of(agents: int, *tables: str, first: str = "") -> Scenario:
    """One queue and so many agents who serve it, with further tables of the scenario, and keys before all tables."""
    people = "".join(f'[agents.a{number}]\nprofile = "P"\n' for number in range(agents))
    return parse_scenario(first + SINGLE_QUEUE + people + "\n".join(tables), "scenario.toml", Path())


def arrivals(rate_per_hour: float, to_s: float, handle_s: float, patience_s: float | None = None) -> str:
    """A Poisson process of calls for Q with exponential handle times, and exponential patience if any."""
    patience = f'patience = {{ distribution = "exponential", mean_s = {patience_s} }}\n' if patience_s else ""
    return (
        f'[[arrivals]]\nqueue = "Q"\nto_s = {to_s}\nrate_per_hour = {rate_per_hour}\n'
        f'handle = {{ distribution = "exponential", mean_s = {handle_s} }}\n{patience}'
    )
