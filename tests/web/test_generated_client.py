"""The document of the server is good enough for programs that make a client of it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Run
from conftest import RealServer
from fairlead_web.api.app import make_app
from fairlead_web.api.operations import NAMES
from fairlead_web.api.site import Site
from web.conftest import Serving

USE = """
import sys
from client import AuthenticatedClient
from client.api.contacts import get_contact, push_contact, push_contact_as
from client.models import Contact, ContactBody, Problem, Receipt

with AuthenticatedClient(sys.argv[1], token=sys.argv[2]) as client:
    made = push_contact_as.sync("c1", client=client, body=ContactBody(queue="BasicQueue", priority=2))
    again = push_contact.sync_detailed(client=client, body=ContactBody(queue="BasicQueue"), idempotency_key="k")
    found = get_contact.sync("c1", client=client)
    assert isinstance(made, Receipt), made
    assert isinstance(found, Contact), found
    print(made.contact_id, again.status_code, found.state, found.priority)
"""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    site: Any = object.__new__(Site)  # nothing is asked of it
    return make_app(site).openapi()


@pytest.fixture(scope="module")
def client(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which the package `client` was made, and what its maker said."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(document))
    make = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none"]
    done = subprocess.run([*make, "--output-path", "client"], cwd=folder, capture_output=True, text=True, check=True)
    return folder, done.stderr


def test_operations_have_names_that_one_would_call(document: dict[str, Any]) -> None:
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]

    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []
    assert set(NAMES.values()) - set(names) == set()


def test_a_client_is_made_of_the_document_with_nothing_left_out(client: tuple[Path, str]) -> None:
    _, said = client

    left_out = re.findall(r"WARNING parsing (.*) within", said)

    configurations = ["PUT /v1/configuration", "POST /v1/configuration/what_if"]
    assert left_out == configurations  # TOML is a form that its maker does not know; JSON is there
    assert said.count("WARNING") == len(configurations)


@pytest.mark.timeout(600)  # mypy reads 300 files, beside whatever else the machine does
def test_the_client_and_a_program_that_uses_it_keep_their_types(client: tuple[Path, str]) -> None:
    folder, _ = client
    (folder / "use.py").write_text(USE)

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "client", "use.py"], cwd=folder, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout


def test_the_client_works(
    client: tuple[Path, str], serving: Callable[..., Serving], server: RealServer, run: Run
) -> None:
    folder, _ = client

    token = run(server.url, "tokens", "create", "--scope", "admin").out.strip()
    command = [sys.executable, "-c", USE, serving().address, token]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("c1 201 queued 2\n", "")
