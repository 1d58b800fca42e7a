"""What the documents say is what the code does."""

import re
from pathlib import Path

from fairlead.configuration.document import json_schema
from fairlead.configuration.reading import parse
from fairlead.settings import PREFIX, Settings
from fairlead.store import events
from fairlead.store.reference import render

ROOT = Path(__file__).parents[2]


def test_the_page_of_keys_and_scripts_is_the_generated_one() -> None:
    written = (ROOT / "docs" / "redis.md").read_text()

    assert written == render(), "run: python -m fairlead.store.reference > docs/redis.md"


def test_the_page_of_events_is_the_generated_one() -> None:
    written = (ROOT / "docs" / "events.md").read_text()

    assert written == events.render(), "run: python -m fairlead.store.reference events > docs/events.md"


def test_every_example_of_a_configuration_is_valid() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()

    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    assert examples
    for example in examples:
        parse(example, "configuration.md")
    for file in (ROOT / "examples").glob("*.toml"):
        parse(file.read_text(), file.name)


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_documented_setting_exists() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()

    documented = set(re.findall(rf"\| ({PREFIX}[A-Z_]+) \|", page))

    assert documented <= {PREFIX + name.upper() for name in Settings.model_fields}
    assert documented


def test_the_schema_for_editors_names_every_section() -> None:
    assert set(json_schema()["properties"]) == {"instance", "queues", "profiles", "agents", "statuses", "hours"}


def test_every_test_that_the_rules_name_exists() -> None:
    page = (ROOT / "docs" / "routing.md").read_text()
    written = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    named = set(re.findall(r"\btest_\w+\b", page)) - {"test_decisions"}

    assert len(named) > 60
    assert {name for name in named if f"def {name}(" not in written} == set()


def test_every_script_that_the_rules_name_exists() -> None:
    page = (ROOT / "docs" / "routing.md").read_text()

    for name in re.findall(r"lua/[a-z_/]+\.lua", page):
        assert (ROOT / "fairlead" / "store" / name).exists(), name
