"""Every refusal has a page, a status and a sentence."""

from pathlib import Path

import httpx
import pytest
from fairlead_web.api.problems import KINDS, _tree, described, pages, render, slug_of, status_of, title_of

from fairlead import errors
from fairlead.errors import FairleadError

PAGE = Path(__file__).parents[2] / "docs" / "problems.md"
TREE = _tree(FairleadError)


def test_the_page_of_problems_is_the_generated_one() -> None:
    assert PAGE.read_text() == render(), "run: python -m fairlead_web.api.problems > docs/problems.md"


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_error_has_a_page_of_its_own(kind: type[FairleadError]) -> None:
    assert slug_of(kind) not in KINDS
    assert [one for one in TREE if slug_of(one) == slug_of(kind)] == [kind]
    assert len(title_of(kind)) > 10
    assert f"- **{slug_of(kind)}** ({status_of(kind)}): " in PAGE.read_text()


def test_a_finer_error_of_one_room_is_answered_as_what_it_is_one_of() -> None:
    class Finer(errors.QueueFull):
        """Of one room."""

    assert (slug_of(Finer), status_of(Finer)) == ("queue-full", 409)


def test_the_status_follows_the_branch_of_the_tree() -> None:
    assert [status_of(kind) for kind in (errors.BadInput, errors.NotFound, errors.Conflict, errors.RedisError)] == [
        422, 404, 409, 503,
    ]  # fmt: skip
    assert status_of(errors.QueueFull) == 409
    assert status_of(errors.RedisRefused) == 500


def test_what_the_body_names_is_not_a_page_that_is_missing() -> None:
    failure = errors.UnknownQueue("queue 'Sales' does not exist")

    assert described(failure, {"queue": "Sales"})["status"] == 404
    assert described(failure, {"queue": "Support"})["status"] == 422
    assert described(failure, {"contact_id": "c1"})["status"] == 422


async def test_the_server_says_what_each_type_means(http: httpx.AsyncClient) -> None:
    for slug in pages():
        page = await http.get(f"/problems/{slug}")
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert (await http.get("/problems/nothing")).status_code == 404
