"""A package has links to where its checkout comes from, and none when nobody knows."""

import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "CHANGELOG.md")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the metadata is made of, in a repository of its own."""
    folder = tmp_path / "checkout"
    for package in ("fairlead", "worker/fairlead_worker", "producers/fairlead_producers", "web/fairlead_web"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    for name in FILES:
        (folder / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return folder


def links_of(folder: Path, kind: str = "--wheel") -> list[str]:
    """The links in the metadata of a package that is built from the folder."""
    built = folder.parent / f"built{kind}"
    build = [sys.executable, "-m", "build", kind, "--no-isolation", "--outdir", str(built), str(folder)]
    subprocess.run(build, check=True, capture_output=True)
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("METADATA"))
        return Parser().parsestr(wheel.read(name).decode()).get_all("Project-URL", [])


@pytest.mark.parametrize(
    "origin",
    [
        "https://code.example/people/fairlead.git",
        "https://code.example/people/fairlead/",
        "https://somebody:secret@code.example/people/fairlead",
        "git@code.example:people/fairlead.git",
    ],
)
def test_a_package_that_is_built_from_a_checkout_with_an_address_has_links(checkout: Path, origin: str) -> None:
    subprocess.run(["git", "-C", checkout, "remote", "add", "origin", origin], check=True)

    assert links_of(checkout) == [
        "Repository, https://code.example/people/fairlead",
        "Issues, https://code.example/people/fairlead/issues",
        "Changelog, https://code.example/people/fairlead/blob/HEAD/CHANGELOG.md",
        "Documentation, https://code.example/people/fairlead/tree/HEAD/docs",
    ]


@pytest.mark.parametrize(
    "origin", ["", "/srv/git/fairlead.git", "ssh://code.example/fairlead", "http://code.example/x"]
)
def test_a_package_whose_checkout_has_no_public_address_has_no_links(checkout: Path, origin: str) -> None:
    if origin:
        subprocess.run(["git", "-C", checkout, "remote", "add", "origin", origin], check=True)

    assert links_of(checkout) == []


def test_a_package_that_is_built_from_sources_in_another_checkout_keeps_the_links_of_its_own(checkout: Path) -> None:
    add = ["git", "-C", checkout, "remote", "add", "origin"]
    subprocess.run([*add, "https://code.example/people/fairlead"], check=True)
    build = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", checkout.parent, checkout]
    subprocess.run(build, check=True, capture_output=True)
    other = checkout.parent / "other"
    subprocess.run(["git", "init", "--quiet", other], check=True)
    subprocess.run(["git", "-C", other, "remote", "add", "origin", "https://code.example/other/thing"], check=True)

    with tarfile.open(next(checkout.parent.glob("*.tar.gz"))) as sources:
        sources.extractall(other, filter="data")

    found = links_of(next(other.glob("fairlead-*")))
    assert found[0] == "Repository, https://code.example/people/fairlead"
    assert len(found) == 4
