"""What the page on HTTP says is so: its lines run as they stand. And the server keeps its own schema."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from commands import Run
from conftest import RealServer
from fairlead_web.api.contacts import MOST_IN_A_BATCH
from fairlead_web.api.guard import MOST, MOST_OF_MANY
from fairlead_web.api.ring import SIZE
from fairlead_web.api.site import MOST_STREAMS
from web.conftest import Serving

from fairlead.service.tokens import SCOPES

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
FAIRLEAD = f'fairlead() {{ "{sys.executable}" -m fairlead.cli.main "$@"; }}'
CURL = "curl() { command curl -w '%{stderr}%{http_code} ' \"$@\"; }"


@pytest.mark.skipif(not shutil.which("curl") and not os.environ.get("CI"), reason="no curl here")
def test_every_line_of_the_page_runs(serving: Callable[..., Serving], server: RealServer, tmp_path: Path) -> None:
    address = serving().address
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if not line.startswith("fairlead serve")]
    script = "\n".join([FAIRLEAD, CURL, *lines]).replace("http://127.0.0.1:8080", address)

    environment = {**os.environ, "FAIRLEAD_REDIS_URL": server.url}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment)

    asked = [line for line in lines if "curl" in line]
    expected = [match[1] if (match := re.search(r"  # (\d{3})$", line)) else "200" for line in asked]
    told = re.findall(r"\b\d{3} ", done.stderr)
    assert [f"{line} -> {one.strip()}" for line, one in zip(asked, told, strict=True)] == [
        f"{line} -> {one}" for line, one in zip(asked, expected, strict=True)
    ]


def test_the_page_has_every_scope_and_the_limits() -> None:
    assert re.findall(r"^\| `([a-z:]+)` \|", PAGE, re.MULTILINE) == list(SCOPES)
    for limit in (MOST_IN_A_BATCH, MOST_STREAMS, SIZE):
        assert f"| {limit:,} |" in PAGE
    assert f"| {MOST // 1024} KiB; {MOST_OF_MANY // 2**20} MiB |" in PAGE


async def test_what_is_made_links_to_what_can_be_asked_of_it(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/openapi.json")).json()["paths"]
    parameters = {
        one["operationId"]: {given["name"] for given in one.get("parameters", []) if given["in"] == "path"}
        for of in paths.values()
        for one in of.values()
    }
    made = {
        path: paths[path][method]["responses"]["201"]["links"]
        for path, method in [("/v1/contacts", "post"), ("/v1/webhooks", "post"), ("/v1/queues/{queue}", "put")]
    }

    assert made["/v1/webhooks"]["get_webhook"] == {
        "operationId": "get_webhook", "parameters": {"webhook_id": "$response.body#/webhook_id"},
    }  # fmt: skip
    assert {"stop_contact", "get_contact"} <= set(made["/v1/contacts"])
    assert {"get_queue", "read_line"} <= set(made["/v1/queues/{queue}"])
    for links in made.values():
        for name, link in links.items():
            assert set(link["parameters"]) <= parameters[name]


OF_THE_SAME_MAKING = "events$|/(profiles|hours|intakes|statuses)"
"""Streams do not end, and objects of one kind are asked for as those of another: queues stand for all."""


@pytest.mark.timeout(900)  # some thousand requests, beside whatever else the machine does
def test_no_request_makes_the_server_break_its_schema(
    serving: Callable[..., Serving], server: RealServer, run: Run, tmp_path: Path
) -> None:
    token = run(server.url, "tokens", "create", "--scope", "admin").out.strip()
    one = serving()
    command = [sys.executable, "-m", "schemathesis.cli", "run", one.address + "/openapi.json"]
    command += ["--header", f"Authorization: Bearer {token}", "--workers", "1", "--no-color"]
    command += ["--exclude-path-regex", OF_THE_SAME_MAKING, "--request-timeout", "30", "--max-failures", "5"]
    command += ["--phases", "coverage,stateful", "--max-examples", "20", "--seed", "1"]
    command += ["--exclude-checks", "positive_data_acceptance"]  # what the schema allows may still make no sense

    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "SCHEMATHESIS_HOOKS": "fewer_cases"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)

    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"Tested: (\d+)", done.stdout)[0]) > 40
    assert int(re.findall(r"API Links:\s+\d+ covered / (\d+) selected", done.stdout)[0]) > 300
    assert "Traceback" not in one.end()[1]
