"""How the machine pushes contacts: each by a request of its own, or several by one."""

from store.drawing import S
from store.event_checks import EventChecks

from fairlead import errors
from fairlead.domain.centre import Assignment, Contact
from fairlead.domain.channel import Channel
from fairlead.domain.criteria import Step
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import producing

New = tuple[str, Channel, int, int, tuple[Step, ...]]
"""A contact that is to be pushed: its queue, channel, priority, age in seconds and steps."""


class Pushing(EventChecks):
    """`made`: how many contacts have been made up."""

    made: int

    def _a_moment_passes(self) -> None: ...

    def _agree(self, given: list[Assignment]) -> None: ...

    def _push(self, *many: New, together: bool = False) -> None:
        """Contacts are pushed, each by a request of its own or all by one; the rules take one after the other."""
        for some in [many] if together else [(one,) for one in many]:
            self._a_moment_passes()
            made = [self._made(*one) for one in some]
            new = [
                NewContact(
                    one.queue, one.channel, b"1", one.priority, one.age_us // S, one.contact_id, criteria=one.steps
                )
                for one in made
            ]
            if together:
                [found] = self.store.run_many([producing.push_together(self.store.keys, new, [None] * len(new))])
                answers = found if isinstance(found, list) else [found]
            else:
                answers = self.store.run_many([producing.push(self.store.keys, one) for one in new])
            given: list[Assignment] = []
            for place, (one, answer) in enumerate(zip(made, answers, strict=True)):
                self.now_us = self.centre.state.after(self.now_us) if place else self.now_us
                given += self._pushed(one, answer)
            self._agree(given)

    def _made(self, queue: str, channel: Channel, priority: int, age_s: int, steps: tuple[Step, ...]) -> Contact:
        name = f"c{self.made:04}"
        self.made += 1
        return Contact(name, queue, channel, priority, 0, 0, steps, age_us=age_s * S)

    def _pushed(self, made: Contact, answer: object) -> list[Assignment]:
        """The rules have the same answer; what they give."""
        has_room, turns_away = self.centre.state.has_room(made.queue), self.centre.state.turns_away(made, self.now_us)
        if isinstance(answer, errors.QueueFull):
            assert not has_room
            return []
        if isinstance(answer, errors.QueueUnstaffed):
            assert turns_away
            return []
        assert isinstance(answer, producing.Receipt)
        assert (has_room, turns_away) == (True, False), (made.queue, made.channel)
        return self.centre.push(made, self.now_us)
