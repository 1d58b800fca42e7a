"""Why, and what if, at a terminal."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from commands import Run
from conftest import RealServer

from fairlead import Agent, Producer, Supervisor
from fairlead.configuration.writing import render
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring

PROFILE = "BasicRoutingProfile"


@pytest.fixture
def url(server: RealServer) -> str:
    """Ana holds a call, bo is not signed in, and two calls wait."""
    with Agent.connect("bo", server.url) as bo:
        bo.sign_in(profile=PROFILE)
    ana = Agent.connect("ana", server.url, auto_accept=True, lease_s=3_600)
    ana.sign_in(profile=PROFILE)
    with Producer.connect(server.url) as producer:
        for name in ("held", "c1", "c2"):
            producer.push("BasicQueue", contact_id=name)
    return server.url


def test_a_contact_is_explained_for_each_agent(run: Run, url: str) -> None:
    done = run(url, "explain", "contact", "c2")

    told = done.out.splitlines()
    assert told[0].startswith("contact c2 waits for ")
    assert told[0].endswith(": voice in BasicQueue")
    assert told[1].startswith("position 2, answer ")
    assert told[3:] == [
        "profile BasicRoutingProfile (priority 1): 2 agents",
        "  no slot        agent 'ana' has no free slot for voice now: 1 of 1 are taken",
        "  not signed in  agent 'bo' is not signed in",
    ]


def test_a_contact_is_explained_for_programs(run: Run, url: str) -> None:
    found = json.loads(run(url, "explain", "contact", "c2", "--json").out)

    [profile] = found["profiles"]
    assert (found["state"], found["nothing_stops"], found["estimate"]["position"]) == ("queued", [], 2)
    assert profile["entry"] == {"priority": 1, "delay_s": 0, "manual_only": False}
    assert profile["agents"][0] == {
        "agent": "ana",
        "why_not": {
            "reason": "no_slot", "told": "agent 'ana' has no free slot for voice now: 1 of 1 are taken",
            "agent": "ana", "channel": "voice", "used": 1, "slots": 1,
        },
    }  # fmt: skip


def test_many_agents_are_told_together(run: Run, url: str) -> None:
    for name in ("cem", "dora", "eve"):
        with Agent.connect(name, url) as agent:
            agent.sign_in(profile=PROFILE)

    done = run(url, "explain", "contact", "c2", "--limit", "2")

    assert "  not signed in  4 agents: bo, cem and 2 more" in done.out


def test_one_agent_may_be_asked_about(run: Run, url: str) -> None:
    done = run(url, "explain", "contact", "c2", "--agent", "bo")
    unknown = run(url, "explain", "contact", "c2", "--agent", "nobody")

    assert done.out.splitlines()[-1] == "  not signed in  agent 'bo' is not signed in"
    assert (unknown.code, unknown.out) == (3, "")
    assert "agent 'nobody' is not known" in unknown.err


def test_an_agent_is_explained_with_what_waits_in_its_order(run: Run, url: str) -> None:
    done = run(url, "explain", "agent", "ana")
    found = json.loads(run(url, "explain", "agent", "ana", "--json").out)

    told = done.out.splitlines()
    assert told[:2] == ["agent ana: Available, profile BasicRoutingProfile", "  gets now       nothing"]
    assert [line.split(",")[0] for line in told if line.startswith("no slot")] == [
        "no slot        c1", "no slot        c2",
    ]  # fmt: skip
    assert done.out.count("agent 'ana' has no free slot") == 1
    assert [(one["contact"], one["why_not"]["reason"]) for one in found["others"]] == [
        ("c1", "no_slot"), ("c2", "no_slot"),
    ]  # fmt: skip


def test_a_contact_that_does_not_wait_says_so(run: Run, url: str) -> None:
    done = run(url, "explain", "contact", "held")

    assert done.out == "contact held does not wait: it is connected, voice in BasicQueue, with ana\n"


@pytest.mark.parametrize("arguments", [("contact", "nobody"), ("agent", "nobody")])
def test_what_is_not_known_is_not_found(run: Run, url: str, arguments: tuple[str, ...]) -> None:
    done = run(url, "explain", *arguments)

    assert (done.code, done.out) == (3, "")
    assert "'nobody' is not known" in done.err


def test_showing_a_contact_says_why_it_waits(run: Run, url: str) -> None:
    done = run(url, "contacts", "show", "c1")
    found = json.loads(run(url, "contacts", "show", "c1", "--json").out)

    assert "why not yet  agent 'ana' has no free slot for voice now: 1 of 1 are taken\n" in done.out
    assert found["why_not"] == [
        "agent 'ana' has no free slot for voice now: 1 of 1 are taken", "agent 'bo' is not signed in",
    ]  # fmt: skip


def test_the_doctor_says_why_nobody_is_there(run: Run, url: str) -> None:
    with Supervisor.connect(url) as supervisor:
        supervisor.sign_out_agent("ana")

        [staffing] = [check for check in supervisor.examine() if check.name == "staffing"]

    assert staffing.found.endswith("; agent 'ana' is not signed in, and so with 1 more")


def test_a_configuration_is_tried_out(run: Run, url: str, tmp_path: Path) -> None:
    with Supervisor.connect(url) as supervisor:
        configuration, _ = supervisor.configuration()
    profile = configuration.profiles[PROFILE]
    fewer = replace(profile, entries=tuple(one for one in profile.entries if one.channel != "voice"))
    file = tmp_path / "fewer.toml"
    file.write_text(render(replace(configuration, profiles={PROFILE: fewer})))

    done = run(url, "apply", str(file), "--what-if")
    found = json.loads(run(url, "apply", str(file), "--what-if", "--json").out)

    assert (done.code, "--what-if" in done.out.splitlines()[-1]) == (0, True)
    assert "If it were applied now, no waiting contact would go to anybody at once.\n" in done.out
    assert "! voice in BasicQueue would lose its last agent who is signed in (now: ana): 2 contacts wait" in done.out
    assert (found["applied"], found["what_if"]["goes"]) == (False, [])
    assert [one["waiting"] for one in found["what_if"]["unserved"]] == [2]


def test_a_decision_is_explained_after_the_fact(run: Run, url: str) -> None:
    done = run(url, "explain", "offer", "held")
    found = json.loads(run(url, "explain", "offer", "held", "--json").out)
    unknown = run(url, "explain", "offer", "c1")

    assert done.out.startswith("contact held was connected with ana at ")
    assert "  entry          priority 1\n" in done.out
    assert "  who chose      the contact: it came into its line" in done.out
    assert "  chosen         ana, profile BasicRoutingProfile, available for " in done.out
    assert "By what is reconstructed the rules choose the same." in done.out
    assert found["recorded"]["contact"] == "held"
    assert (unknown.code, "no event tells that contact 'c1' was given" in unknown.err) == (3, True)


def test_a_contacts_life_is_drawn(run: Run, url: str) -> None:
    done = run(url, "contacts", "timeline", "held")
    found = json.loads(run(url, "contacts", "timeline", "held", "--json").out)

    head, bar, legend, _, headings, *rows = done.out.splitlines()
    assert head.startswith("contact held: connected, ")
    assert (len(bar), set(bar)) == (80, {".", "#"})
    assert [word for word in ("queued", "connected") if word in legend] == ["queued", "connected"]
    assert headings.split() == ["at", "for", "what"]
    assert [row.split("  ")[-1] for row in rows][-1].startswith("agent ana, waited 0 s, profile")
    assert [span["state"] for span in found["spans"]] == ["queued", "connected"]


def test_what_rings_at_several_is_told_with_all_of_them(run: Run, server: RealServer) -> None:
    for name in ("ana", "bo"):
        Agent.connect(name, server.url, lease_s=3_600).sign_in(profile=PROFILE)
    store = Store(server.client())
    configuration, version = store.run(reading.configuration_in_force())
    queue = replace(configuration.queues["BasicQueue"], offer_to=2)
    target = replace(configuration, queues={"BasicQueue": queue})
    store.run(configuring.apply_configuration(store.keys, target, version))
    with Producer.connect(server.url) as producer:
        producer.push("BasicQueue", contact_id="c1")

    told = run(server.url, "explain", "contact", "c1").out
    assert "It rings at ana, bo: the first who accepts has it" in told
    assert json.loads(run(server.url, "explain", "contact", "c1", "--json").out)["rings"] == ["ana", "bo"]
    assert "broadcast      it rang at ana, bo: the first" in run(server.url, "explain", "offer", "c1").out
    assert "ana, bo" in run(server.url, "contacts", "show", "c1").out
    assert "ana, bo" in run(server.url, "contacts", "list", "--state", "offered").out


def test_a_limit_that_is_reached_is_told_and_one_that_is_not_stops_nobody(run: Run, server: RealServer) -> None:
    ana = Agent.connect("ana", server.url, auto_accept=True, lease_s=3_600)
    ana.sign_in(profile=PROFILE)
    store = Store(server.client())
    configuration, version = store.run(reading.configuration_in_force())
    profile = configuration.profiles[PROFILE]
    entries = tuple(replace(one, max_contacts=1) if one.channel == "chat" else one for one in profile.entries)
    channels = {**profile.channels, "chat": replace(profile.channels["chat"], slots=2)}
    few = replace(profile, entries=entries, channels=channels)
    target = replace(configuration, profiles={PROFILE: few})
    store.run(configuring.apply_configuration(store.keys, target, version))
    with Producer.connect(server.url) as producer:
        for name in ("held", "c1"):
            producer.push("BasicQueue", channel="chat", contact_id=name)

    told = run(server.url, "explain", "contact", "c1").out
    [found] = json.loads(run(server.url, "explain", "contact", "c1", "--json").out)["profiles"]
    ana.complete([ana.take().offers[0]])
    after = run(server.url, "explain", "contact", "c1").out

    reached = "agent 'ana' takes no more chat of queue 'BasicQueue' now: it holds 1 of at most 1"
    assert "profile BasicRoutingProfile (priority 1, at most 1): 1 agent\n" in told
    assert reached in told
    assert found["entry"]["max_contacts"] == 1
    assert found["agents"][0]["why_not"] == {
        "reason": "limit_reached", "told": reached, "agent": "ana", "queue": "BasicQueue",
        "channel": "chat", "held": 1, "most": 1,
    }  # fmt: skip
    assert after.startswith("contact c1 does not wait: it is connected, chat in BasicQueue, with ana")
