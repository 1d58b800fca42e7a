"""What a store keeps beside its records, so that scripts find it quickly, is what the records say."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from raw import raw

from fairlead.domain.agent import Status
from fairlead.domain.channel import CHANNELS
from fairlead.domain.choose import SERVED_S
from fairlead.domain.configuration import ENDED_RETENTION_S, MEASURES_KEPT_S, Configuration
from fairlead.domain.contact import ENDED, FOR_GOOD, HELD, IN_QUEUE
from fairlead.domain.queue import EXPIRY_S
from fairlead.domain.slots import KEPT, ON_CONTACT, WITH_AGENT, why_no_slot
from fairlead.errors import UnknownInstance
from fairlead.store import reading
from fairlead.store.checking import examine_state
from fairlead.store.checking.contacts import asked_of, refusals_of, step_ends_us
from fairlead.store.client import Store
from fairlead.store.keys import PAUSE_TRACK
from fairlead.store.members import due_member, place_of, read_rings, read_special

LEFT_TO_DO = ("applying", "unindexed", "unmatched", "forgiven")
"""While there is any of it, the store is not yet what it will be."""

Row = Mapping[str, str]


def check(store: Store) -> None:
    """Fails where something stands that no record accounts for, or does not stand where one says that it does."""
    try:
        kept = Kept(store)
    except UnknownInstance:
        return
    assert not kept.is_behind
    kept.check()
    findings = store.run(examine_state()).findings
    assert findings == (), findings


class Kept:
    """All that a store has, as texts, and what follows from its records."""

    def __init__(self, store: Store) -> None:
        self.client, self.prefix = raw(store), store.keys.prefix
        self.configuration: Configuration = store.run(reading.configuration_in_force())[0]
        self.found = {key: self._value(key) for key in self._keys()}
        self.instance = self.found["instance"]
        special = read_special(self.instance.get("special", "").encode())
        self.tracked, self.choices = special.tracked, special.choices
        self.is_behind = any(one in self.found for one in LEFT_TO_DO) or bool(special.lost)
        self.contacts = {name.removeprefix("contact:"): row for name, row in self._family("contact")}
        agents = {name.removeprefix("agent:"): row for name, row in self._family("agent")}
        self.agents, self.signed_in = agents, {name: row for name, row in agents.items() if "epoch" in row}
        self.slots = {name: [one.split(" ") for one in row.get("slots", "").split(";") if one]
                      for name, row in self.signed_in.items()}  # fmt: skip

    def _keys(self) -> list[str]:
        keys = [key.decode() for key in self.client.keys("*")]
        return [key.removeprefix(self.prefix) for key in keys if key.startswith(self.prefix)]

    def _value(self, name: str) -> Any:
        key = self.prefix + name
        kind = self.client.type(key)
        if kind == b"hash":
            row = self.client.hgetall(key).items()
            return {field.decode(): value.decode("utf-8", "replace") for field, value in row}
        if kind == b"set":
            return {one.decode() for one in self.client.smembers(key)}
        if kind == b"zset":
            return {one.decode(): int(score) for one, score in self.client.zrange(key, 0, -1, withscores=True)}
        return None

    def _family(self, family: str) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value in self.found.items() if name.split(":")[0] == family)

    def _is(self, family: str, expected: Mapping[str, Any]) -> None:
        """The keys of a family are those, and nothing is empty."""
        assert dict(self._family(family)) == {name: value for name, value in expected.items() if value}

    def _lasts(self, key: str, seconds: int) -> bool:
        """Whether the key ends by itself after that time, of which not much is over: a test may take minutes."""
        return max(0, seconds - max(60, seconds // 10)) < self.client.ttl(key) <= seconds

    def check(self) -> None:
        self._lines()
        self._records_of_contacts()
        self._due()
        self._watched()
        self._sessions()
        self._slots()
        self._available()
        self._configured()
        self._counters()

    def _lines(self) -> None:
        waiting: dict[str, dict[str, int]] = {}
        offered: dict[str, dict[str, int]] = {}
        tracks: dict[str, dict[str, str]] = {}
        aside: Counter[str] = Counter()
        own: Counter[str] = Counter()
        for contact_id, row in self.contacts.items():
            pair, track = f"{row['queue']}:{row['channel']}", row.get("track", "")
            rank_us = int(row["rank"])
            member = place_of(
                rank_us, int(row.get("queued_us", rank_us)), contact_id, expires_by_itself="expires_us" in row
            )
            place = {member: int(row["priority"])}
            if row["state"] == "queued":
                waiting.setdefault(f"waiting:{pair}" + (f":{track}" if track else ""), {}).update(place)
                assert (track == PAUSE_TRACK) == ("again_us" in row), row
                aside[pair] += bool(track)
                own[row["queue"]] += 1
                holds = asked_of(row)
                if track != PAUSE_TRACK:
                    assert bool(holds) == bool(track), row
                if track and track != PAUSE_TRACK:
                    tracks.setdefault(f"tracks:{pair}", {})[holds] = track
            elif row["state"] == "offered":
                offered.setdefault(f"offered:{pair}", {}).update(place)
        self._is("waiting", waiting)
        self._is("offered", offered)
        self._is("tracks", tracks)
        self._is("aside", {"aside": {pair: str(many) for pair, many in aside.items() if many}})
        tracked = {name.removeprefix("tracks:") for name in tracks}
        assert sorted(self.tracked) == sorted(tracked)
        for name, row in self.agents.items():
            assert int(row.get("own", 0)) == own[f"@{name}"], name
        self._is("owned", {"owned": {name for name in self.agents if own[f"@{name}"]}})
        apart = Counter(row["queue"] for row in self.contacts.values() if row["state"] in ("scheduled", "parked"))
        self._is("apart", {"apart": {queue: str(many) for queue, many in apart.items()}})
        parked = {name for name, row in self.contacts.items() if row["state"] == "parked"}
        assert set(self.found.get("parked", {})) == parked

    def _records_of_contacts(self) -> None:
        for contact_id, row in self.contacts.items():
            state, key = row["state"], f"{self.prefix}contact:{contact_id}"
            kept_s = int(self.instance.get("ended_retention_s", ENDED_RETENTION_S))
            assert self._lasts(key, kept_s) if state in ENDED else self.client.ttl(key) == -1, row
            assert "again_us" not in row or state in ("queued", "scheduled", *ENDED), row
            if state == "queued" and "again_us" not in row and FOR_GOOD in refusals_of(row).values():
                assert self.configuration.queues[row["queue"]].offer_again_after_s is None, row
            is_with = state in HELD or state in ("offered", "acw")
            if state not in ENDED:
                assert ("agent" in row) == ("token" in row) == is_with, row
                assert "rings" not in row or (state == "offered" and row["rings"]), row
                assert ("connected_us" in row) == (state in HELD or state == "acw"), row
        left = {name for name, row in self.contacts.items() if row["state"] != "acw" and row["state"] not in ENDED}
        assert set(self.found.get("payloads", {})) == left

    def _due(self) -> None:
        expected: dict[str, int | None] = {}
        perhaps: set[str] = set()
        for name in self.signed_in:
            expected[due_member("session", name)] = None
        for contact_id, row in self.contacts.items():
            state = row["state"]
            for agent, token in read_rings(row.get("rings", "")):
                expected[due_member("ring", f"{agent}/{token}")] = None
            for kind in {"scheduled": ("start",), "offered": ("offer",)}.get(state, ()):
                expected[due_member(kind, contact_id)] = None
            if state in IN_QUEUE and state != "scheduled" and row.get("expires_us", "never") != "never":
                expected[due_member("expiry", contact_id)] = int(row["expires_us"])
            barred = [int(row.get("again_us", 0)), *refusals_of(row).values()]
            if state == "queued" and any(barred):
                expected[due_member("pause", contact_id)] = min(until_us for until_us in barred if until_us)
            if (ends_us := step_ends_us(row)) is not None and state == "queued":
                expected[due_member("step", contact_id)] = ends_us
            elif state == "offered":
                perhaps.add(due_member("step", contact_id))
        for name, slots in self.slots.items():  # after-contact work may be without limit
            kept = [token for token, _, kind, *_ in slots if kind in ("missed", "acw")]
            perhaps |= {due_member("slot", f"{name}/{token}") for token in kept}
        expected |= {due_member("calendar", hours): None for hours in self.configuration.hours}
        perhaps |= {due_member("hours", queue.hours) for queue in self.configuration.queues.values() if queue.hours}
        found = self.found.get("due", {})
        perhaps |= {one for one in found if one.startswith(("line:", "survey:", "own:"))}
        expected |= {due_member("own", contact_id): None for contact_id in self._overflowing()}
        assert set(expected) <= set(found) <= set(expected) | perhaps
        assert {one: found[one] for one, at_us in expected.items() if at_us is not None} == {
            one: at_us for one, at_us in expected.items() if at_us is not None
        }

    def _overflowing(self) -> list[str]:
        """Contacts that wait in agents' own queues which overflow, or are to be looked at, since it was changed."""
        own = {contact_id: row["queue"] for contact_id, row in self.contacts.items() if row["state"] == "queued"}
        is_default, due = self.configuration.agent_queue_overflow != "", self.found.get("due", {})
        return [
            contact_id for contact_id, queue in own.items()
            if queue.startswith("@") and (is_default or self.agents[queue[1:]].get("overflow"))
            and due_member("own", queue) not in due
        ]  # fmt: skip

    def _watched(self) -> None:
        """Who expires when the queue says so stands in a line that is looked at in time."""
        due = self.found.get("due", {})
        for row in self.contacts.values():
            wait_us = self._wait_us(row)
            if row["state"] not in ("queued", "offered") or "expires_us" in row or not wait_us:
                continue
            line = f"{row['queue']}:{row['channel']}"
            if row["state"] == "queued" and row.get("track"):
                line += ":" + row["track"]
            queued_us = int(row.get("queued_us", row["rank"]))
            if not any(one.startswith(f"survey:{line} ") for one in due):
                assert self.found[f"oldest:{line}"][row["priority"]] <= queued_us, row
                assert due[due_member("line", line)] <= queued_us + wait_us, row
        for name, _ in self._family("oldest"):
            assert due_member("line", name.removeprefix("oldest:")) in due, name

    def _wait_us(self, row: Row) -> int:
        queue = self.configuration.queues.get(row["queue"])
        waits_s = queue.expiry_s if queue else EXPIRY_S if row["queue"].startswith("@") else {}
        return {str(channel): wait_s for channel, wait_s in waits_s.items()}.get(row["channel"], 0) * 1_000_000

    def _sessions(self) -> None:
        online: dict[str, set[str]] = {}
        holders: dict[str, set[str]] = {}
        present: dict[str, Counter[str]] = {}
        for name, row in self.signed_in.items():
            online.setdefault(f"online:{row['profile']}", set()).add(name)
            holders.setdefault(f"holder:{row['holder']}", set()).add(name)
            counted = present.setdefault(f"present:{row['profile']}", Counter())
            counted[row.get("skillset") or "-"] += 1
            counted[(row.get("skillset") or "-") + "+"] += row["routable"] == "1"
        self._is("online", online)
        self._is("holder", holders)
        self._is(
            "present", {key: {one: str(many) for one, many in row.items() if many} for key, row in present.items()}
        )
        for row in (row for name, row in self.agents.items() if name not in self.signed_in):
            assert not {"slots", "offerable", "holder", "inbox", "status", "activity", "absent"} & set(row), row

    def _slots(self) -> None:
        held = {
            (agent, str(token)): (contact_id, row["state"], row["queue"], row["channel"])
            for contact_id, row in self.contacts.items()
            if row["state"] in WITH_AGENT or row["state"] == "acw"
            for agent, token in ((row["agent"], row["token"]), *read_rings(row.get("rings", "")))
        }
        assert held == {
            (name, token): (contact_id, kind, queue, channel)
            for name, slots in self.slots.items()
            for token, channel, kind, contact_id, queue, _ in slots
            if kind in WITH_AGENT or (kind == "acw" and self._is_its(contact_id, token))
        }
        for name, slots in self.slots.items():
            for token, _, kind, contact_id, _, connected_us in slots:
                if kind in WITH_AGENT or (kind == "acw" and self._is_its(contact_id, token)):
                    assert connected_us == self.contacts[contact_id].get("connected_us", ""), (name, contact_id)

    def _is_its(self, contact_id: str, token: str) -> bool:
        """Whether the contact in a slot has not gone on to another queue while its agent works on after it."""
        return self.contacts.get(contact_id, {}).get("token") == token

    def _available(self) -> None:
        available: dict[str, dict[str, int]] = {}
        for name, row in self.signed_in.items():
            profile = self.configuration.profiles[row["profile"]]
            kinds = [(kind, channel) for _, channel, kind, *_ in self.slots[name]]
            used = Counter(channel for kind, channel in kinds if kind != "paused")
            paused = sum(kind == "paused" for kind, _ in kinds)
            kept = Counter(channel for kind, channel in kinds if kind in KEPT)
            status = self.configuration.statuses.get(row["status"], Status(row["status"], "custom"))
            is_routable = status.type == "routable"
            assert is_routable == (row["routable"] == "1"), row
            is_idle = is_routable and "absent" not in row
            may = [
                channel for channel in CHANNELS if is_idle and not row.get("next_status")
                and why_no_slot(name, profile, used, channel, int(row["capacity"]), paused, kept) is None  # type: ignore[arg-type]
            ]  # fmt: skip
            held = Counter((queue, channel) for _, channel, kind, _, queue, *_ in self.slots[name] if kind != "paused")
            limits = sorted(profile.limits().items())
            may += [":".join(pair) for pair, most in limits if pair[1] in may and held[pair] < most]  # type: ignore[misc]
            assert row.get("offerable", "").split() == may, row
            on_contact = any(kind in ON_CONTACT for kind, _ in kinds)
            assert row.get("activity", "") == ("contact" if on_contact else "idle" if is_idle else ""), row
            pools = [row["profile"]]
            if self.found[f"profile:{row['profile']}"].get("skillsets"):
                pools.append(f"{row['profile']}~{row.get('skillset') or '-'}")
            for channel in may:
                for pool in pools:
                    available.setdefault(f"available:{pool}:{channel}", {})[name] = int(row["available_us"])
        self._is("available", available)

    def _configured(self) -> None:
        servers: dict[str, dict[str, str]] = {}
        skillsets: dict[str, Counter[str]] = {}
        delayed: set[str] = set()
        for profile in self.configuration.profiles.values():
            for one in (one for one in profile.entries if not one.manual_only):
                delay_us = str(one.delay_s * 1_000_000)
                served = delay_us + " limited" * (one.max_contacts is not None)
                servers.setdefault(f"servers:{one.queue}:{one.channel}", {})[profile.name] = served
                delayed |= {f"{profile.name} {one.channel}"} if one.delay_s else set()
        for agent in (agent for agent in self.agents.values() if agent.get("skills")):
            skillsets.setdefault(agent["profile"], Counter())[f"{agent['skillset']} {agent['skills']}"] += 1
        self._is("servers", servers)
        self._is("delayed", {"delayed": delayed})
        counted = {
            f"skillsets:{profile}": {
                skillset: f"{many} {skills}" for one, many in row.items() for skillset, skills in [one.split(" ", 1)]
            }
            for profile, row in skillsets.items()
        }
        self._is("skillsets", counted)
        for name in self.configuration.profiles:
            known = sorted(["-", *counted[f"skillsets:{name}"]]) if name in skillsets else []
            assert self.found[f"profile:{name}"].get("skillsets", "").split() == known, name
        queues = self.configuration.queues.values()
        self._is("timed", {"timed": {one.name: f"{one.hours} {one.closed_policy}" for one in queues if one.hours}})
        assert sorted(self.choices) == sorted(
            [
                f"{one.name}={one.agent_choice}" + (f":{one.choice_proficiency}" if one.choice_proficiency else "")
                for one in queues
                if one.agent_choice != "longest_idle"
            ]
            + [f"{one.name}*{one.offer_to}" for one in queues if one.offer_to > 1]
        )
        assert sorted(self.instance.get("relieved", "").split()) == sorted(
            one.name
            for one in queues
            if one.raise_after_s is not None or one.overflow_after_s is not None or one.offer_again_after_s is None
        )

    def _counters(self) -> None:
        """A minute that nobody has closed in time, since nobody swept, is in no totals."""
        kept_minutes = int(self.instance.get("measures_kept_s", MEASURES_KEPT_S)) // 60
        closed = int(self.instance.get("closed_minute", 0))
        minutes = {int(name.removeprefix("minute:")): row for name, row in self._family("minute")}
        for minute in minutes:
            assert self._lasts(f"{self.prefix}minute:{minute}", 60 * kept_minutes), minute
        if minutes and max(closed, *minutes) - min(minutes) < kept_minutes:
            totals = Counter[str]()
            for row in (row for minute, row in minutes.items() if minute < closed):
                totals.update({field: int(value) for field, value in row.items()})
            assert totals == {field: int(value) for field, value in self.found.get("totals", {}).items()}
        for name, _ in self._family("inbox"):
            assert self._lasts(self.prefix + name, 60), name
        for name, _ in self._family("served"):
            assert self._lasts(self.prefix + name, SERVED_S), name
