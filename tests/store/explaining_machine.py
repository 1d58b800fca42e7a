"""The machine goes on with explanations: they tell what then happens, at any moment between two sweeps."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from store.drawing import AGENTS, CAPACITY, S
from store.session_machine import SessionMachine

from fairlead.domain.eligible import served_by, why_not
from fairlead.domain.reasons import Ahead, Reason
from fairlead.service.decision import explain_offer
from fairlead.service.explain import AgentExplanation, explain_agent, explain_contact
from fairlead.service.what_if import what_if
from fairlead.store import reading

DECIDED = ("contact.offered", "contact.connected")


class ExplainingMachine(SessionMachine):
    """Random transitions, and between them questions."""

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), seconds=st.sampled_from([0, 5, 30]))
    def an_agent_gets_what_was_explained(self, data: st.DataObject, seconds: float) -> None:
        """Delays pass and nobody sweeps, so that contacts wait which an agent may take."""
        self._a_moment_passes()
        due_us = [due_us - 1 for due_us, _, _ in self.centre.state.due()]
        self.now_us = min([self.now_us + round(seconds * S), *due_us])
        explained = {name: self.store.run(explain_agent(name)) for name in AGENTS}
        for name, one in explained.items():
            self._tells_all_that_waits_where_it_serves(name, one)
        for contact_id in self.centre.state.waiting:
            pairs = self.store.run(explain_contact(contact_id)).pairs
            first = {name for name, one in explained.items() if [c.contact_id for c in one.gets][:1] == [contact_id]}
            assert {pair.agent for pair in pairs if pair.reason is None} == first
            assert first <= self.sessions.keys()
            for pair in pairs:
                alone = self._judged_alone(pair.agent, contact_id)
                assert alone == (None if isinstance(pair.reason, Ahead) else pair.reason)

        name = data.draw(st.sampled_from(sorted(self.sessions)))
        before = self._held(name)
        self.store.run(self.sessions[name].take())

        assert self._held(name)[len(before) :] == [one.contact_id for one in explained[name].gets]
        self._agree(self.centre.take(name, self.now_us))
        self.time_passes(0.6)  # a sweep looks at delays twice a second

    def _apply(self, version: int) -> None:
        """Who would get what by a configuration gets it once it is applied."""
        would = self.store.run(what_if(self._configuration())) if version else None
        before = {name: self._held(name) for name in self.sessions}
        super()._apply(version)
        if would:
            given = {name: self._held(name)[len(before[name]) :] for name in self.sessions}
            assert given == {
                name: [one.contact for one in would.goes if one.agent == name] for name in self.sessions
            }  # fmt: skip

    @rule(data=st.data())
    def a_decision_is_reconstructed(self, data: st.DataObject) -> None:
        """From the events alone the rules choose the same, where these and the records tell all that decided."""
        events = [one for one in self.store.run(reading.events_after(count=100_000)) if one.name in DECIDED]
        if not events:
            return
        event = data.draw(st.sampled_from(events))

        found = self.store.run(explain_offer(event.fields["contact"], int(event.fields["token"])))

        assert found.event == event
        assert (found.side == "hand") == (event.fields["entry_priority"] == "by_hand")
        assert found.agrees or found.unsure or CAPACITY[event.fields["agent"]], found

    def _judged_alone(self, name: str, contact_id: str) -> Reason | None:
        """The filter that stops the pair, of all that is known of the agent; many are explained together."""
        now = self.store.run(reading.state_now([name], [], [contact_id]))
        agent, contact = now.free_agent(name), now.state.waiting[contact_id].waiting()
        entry = served_by(agent).get((contact.queue, contact.channel))
        return why_not(agent, contact, entry, now.state.circumstances(agent.profile.name, now.at_us))

    def _tells_all_that_waits_where_it_serves(self, name: str, one: AgentExplanation) -> None:
        told = [contact.contact_id for contact in one.gets] + [contact.contact_id for contact, _ in one.others]
        assert name in self.sessions or not one.gets
        if name in self.sessions:
            served = served_by(self.centre.state.free_agent(name))
            waiting = self.centre.state.waiting.values()
            assert sorted(told) == sorted(c.contact_id for c in waiting if (c.queue, c.channel) in served)

    def _held(self, name: str) -> list[str]:
        return [slot.contact_id for slot in self.store.run(reading.agent_states([name]))[0].slots]
