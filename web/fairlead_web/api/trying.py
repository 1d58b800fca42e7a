"""What would come of a configuration, or of a contact that an intake is given: both are tried, and change nothing."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from fairlead.configuration.document import ChoiceDocument
from fairlead.domain.channel import Channel
from fairlead.domain.contact import MOST_ATTRIBUTES
from fairlead.domain.intake import Verdict, choice_values
from fairlead.domain.names import NAME_PATTERN
from fairlead.service.what_if import WhatIf
from fairlead_web.api.access import may
from fairlead_web.api.bodies import Name, Strict, Text, json_answer
from fairlead_web.api.configuration import BODIES, target_of
from fairlead_web.api.site import Asks

router = APIRouter(prefix="/v1", tags=["configuration"])


class Comer(Strict):
    """A contact, as far as the rules of an intake see it."""

    channel: Channel = "voice"
    attributes: Annotated[dict[Name, Text], Field(max_length=MOST_ATTRIBUTES, examples=[{"tier": "gold"}])] = Field({})
    customer: Name | None = None


class TrialView(BaseModel):
    """What the intake would make of the contact. `rule`: the number of the rule that holds, 0: the default; `rules`:
    each up to that one, and why those before do not hold; `read`: what of the state and the time they read.
    """

    intake: str
    version: int
    rule: int
    rule_name: str
    choice: ChoiceDocument
    read: dict[str, str]
    rules: list[Verdict]


@router.post(
    "/configuration/what_if",
    dependencies=[may("configuration:write")],
    openapi_extra=dict(BODIES),
    responses={200: {"model": WhatIf}},
)
async def what_if(request: Request, gateway: Asks) -> Response:
    """What applying a whole configuration would do at once: which waiting contacts would go to whom, and which queues
    would lose the last agent who serves them. Nothing is changed.
    """
    return json_answer(asdict(await gateway.what_if(await target_of(request))))


@router.post(
    "/intakes/{intake}/try", dependencies=[may("configuration:read")], responses={200: {"model": TrialView}}
)
async def try_intake(
    intake: Annotated[str, Path(pattern=f"^{NAME_PATTERN}$")], body: Comer, gateway: Asks
) -> Response:
    """What an intake would make of a contact now, and why. Nothing is pushed."""
    trial = await gateway.try_intake(
        intake, channel=body.channel, attributes=body.attributes, customer=body.customer or ""
    )
    told: dict[str, Any] = asdict(trial)
    return json_answer({**told, "choice": choice_values(trial.choice)})
