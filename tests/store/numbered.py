"""A store that holds what the rules say of the numbers of requests."""

from typing import Any

from fairlead import errors
from fairlead.domain.centre import Centre
from fairlead.store.client import Store
from fairlead.store.request import Request


class NumberedStore(Store):
    """Runs what is asked, and holds that a session's request is refused by its number when the rules say so.

    `last`: the last request that was new, of each agent's session.
    """

    centre: Centre
    last: dict[str, Request[object]]

    def run(self, asked: Any) -> Any:
        self.__dict__.setdefault("last", {})
        if not (isinstance(asked, Request) and "op" in asked.args):
            return super().run(asked)
        name, op = str(asked.args["name"]), int(asked.args["op"])
        own = {key: value for key, value in asked.args.items() if key not in ("epoch", "op", "last_token")}
        standing = self.centre.ask(name, op, repr((asked.script, own, asked.rest)))
        if standing == "new":
            self.last[name] = asked
        expected = {"reused": errors.OperationReused, "late": errors.StaleOperation}.get(standing)
        try:
            answer = super().run(asked)
        except (errors.OperationReused, errors.StaleOperation) as refusal:
            if type(refusal) is not expected:
                raise AssertionError(standing) from refusal
            raise
        assert expected is None
        return answer
