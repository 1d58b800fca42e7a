"""What may be imported from the packages themselves: it is there, documented, and read only when it is asked for."""

import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

import fairlead

ROOT = Path(__file__).parents[2]
PACKAGES = ["fairlead", "fairlead_worker"]
FOR_TESTS = ["fairlead.testing", "fairlead_worker.testing"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_can_be_imported_and_no_other(package: str) -> None:
    module = import_module(package)

    names = {name: getattr(module, name) for name in module.__all__}

    assert None not in names.values()
    assert set(dir(module)) >= set(names)
    with pytest.raises(AttributeError, match="no attribute 'Prodcuer'"):
        _ = module.Prodcuer


def test_the_version_is_that_of_the_installed_package() -> None:
    told = fairlead.__version__

    assert told == version("fairlead")


@pytest.mark.parametrize(
    ("package", "page"), [*((one, "python.md") for one in PACKAGES), *((one, "testing.md") for one in FOR_TESTS)]
)
def test_a_page_names_every_public_name(package: str, page: str) -> None:
    text = (ROOT / "docs" / page).read_text()

    named = set(re.findall(r"`(?:fairlead\.testing\.)?(\w+)(?:\([^`]*\))?`", text))

    assert set(import_module(package).__all__) - named == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_reads_nothing_else_before_it_is_asked_for(package: str) -> None:
    code = f"import sys; before = set(sys.modules); import {package}; print(*sorted(set(sys.modules) - before))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    heavy = {"asyncio", "fairlead.domain", "fairlead.store", "orjson", "pydantic", "redis", "structlog", "typer"}
    assert package in done.stdout.split()
    assert heavy & set(done.stdout.split()) == set()
