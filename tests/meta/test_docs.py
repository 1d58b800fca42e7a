"""What the documents say is what the code does."""

import re
from dataclasses import fields
from inspect import signature
from pathlib import Path

from fairlead_worker import Worker

from fairlead import errors
from fairlead.configuration.document import SECTIONS, json_schema
from fairlead.configuration.reading import parse_configuration
from fairlead.service.contact import Contact
from fairlead.service.producer import ContactOptions
from fairlead.settings import PREFIX, Settings
from fairlead.store import events
from fairlead.store.contracts import whole
from fairlead.store.reference import render
from fairlead.store.sources import source

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def test_the_page_of_keys_and_scripts_is_the_generated_one() -> None:
    written = (ROOT / "docs" / "redis.md").read_text()

    assert written == render(), "run: python -m fairlead.store.reference > docs/redis.md"


def test_the_page_of_keys_and_scripts_shows_all_that_stands_around_the_script_of_a_session() -> None:
    own, page = source("complete_contacts").splitlines(), render().splitlines()

    around = [line for line in whole(source("take_contacts")).splitlines() if line not in own]

    assert "local engine = open_engine(instance_key, now_us, 'agent:' .. name)" in around
    assert [line for line in around if line not in page and not line.startswith("--")] == []


def test_the_page_of_events_is_the_generated_one() -> None:
    written = (ROOT / "docs" / "events.md").read_text()

    assert written == events.render(), "run: python -m fairlead.store.reference events > docs/events.md"


def test_every_example_of_a_configuration_is_valid() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()

    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    assert examples
    for example in examples:
        parse_configuration(example, "configuration.md")
    for file in (ROOT / "examples").glob("*.toml"):
        parse_configuration(file.read_text(), file.name)


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for page in PAGES:
        for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", page.read_text()):
            found = page.parent / target if target else page
            assert found.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in anchors_of(found), f"{page.name} links to {target}#{anchor}"


def anchors_of(page: Path) -> list[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return [re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_every_page_stands_in_the_site_and_every_page_of_the_site_is_there() -> None:
    nav = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    made = {"index.md", "changelog.md", "contributing.md", "security.md", "commands.md", "reference.md"}

    assert set(nav) == {page.name for page in (ROOT / "docs").glob("*.md")} | made
    assert len(nav) == len(set(nav))


def test_the_changes_are_in_the_form_of_keep_a_changelog() -> None:
    page = (ROOT / "CHANGELOG.md").read_text()

    headings = re.findall(r"^##+ (.*)$", page, re.MULTILINE)

    assert headings[0] == "[Unreleased]"
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert all(one in kinds or re.fullmatch(r"\[\S+\]( - \d{4}-\d\d-\d\d)?", one) for one in headings)
    assert max(map(len, page.splitlines())) <= 120


def first_column(page: str, heading: str) -> list[str]:
    """The code in the first column of the table below a heading."""
    section = (ROOT / "docs" / page).read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| ([^|]*) \|", section, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_the_page_on_handlers_has_every_field_of_a_contact() -> None:
    assert first_column("handlers.md", "What a handler gets") == [field.name for field in fields(Contact)]


def test_every_line_of_the_log_that_the_page_on_handlers_has_is_written() -> None:
    written = "".join(path.read_text() for path in (ROOT / "worker").rglob("*.py"))

    named = first_column("handlers.md", "What the log says")

    assert len(named) > 12
    assert [name for name in named if f'"{name}"' not in written] == []


def test_the_page_on_python_has_every_option_of_a_contact() -> None:
    assert first_column("python.md", "Producer") == list(ContactOptions.__annotations__)


def test_the_page_on_python_has_every_option_of_a_worker() -> None:
    named = first_column("python.md", "Worker: handling contacts in one's own process")

    assert named == list(signature(Worker).parameters)


def test_the_page_on_python_has_every_exit_code() -> None:
    page = (ROOT / "docs" / "python.md").read_text()

    rows = re.findall(r"^\| (\d) \| `(\w+)`", page, re.MULTILINE)

    assert [int(code) for code, _ in rows] == [1, 2, 3, 4, 5]
    assert [getattr(errors, name).exit_code for _, name in rows] == [1, 2, 3, 4, 5]


def test_every_documented_setting_exists() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()

    documented = set(re.findall(rf"\| ({PREFIX}[A-Z_]+) \|", page))

    assert documented <= {PREFIX + name.upper() for name in Settings.model_fields}
    assert documented


def test_the_schema_for_editors_names_every_section() -> None:
    assert set(json_schema()["properties"]) == {"instance", *SECTIONS.values()}


def test_every_test_that_the_rules_name_exists() -> None:
    page = (ROOT / "docs" / "routing.md").read_text()
    written = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    named = set(re.findall(r"\btest_\w+\b", page)) - {"test_decisions"}

    assert len(named) > 60
    assert {name for name in named if f"def {name}(" not in written} == set()


def test_every_row_of_the_rules_names_a_test_and_what_it_names_is_there() -> None:
    rows = re.findall(r"^\| .* \|$", (ROOT / "docs" / "routing.md").read_text(), re.MULTILINE)
    rules = [row for row in rows if not row.endswith("| test |")]
    store = ROOT / "fairlead" / "store"
    known = {str(path.relative_to(store)) for path in store.rglob("*.lua")}
    known |= {path.name for path in (ROOT / "fairlead").rglob("*.py")}

    named = {file for row in rules for file in re.findall(r"lua/[\w/]+\.lua|(?<![\w/])\w+\.py", row)}

    assert len(rules) > 90
    assert [row for row in rules if not re.search(r"\btest_\w+", row.rpartition(" | ")[2])] == []
    assert named - known == set()


def test_each_ruling_has_its_row_and_each_test_of_one_is_named_after_one_that_there_is() -> None:
    page = (ROOT / "docs" / "routing.md").read_text().partition("## Rulings")[2].partition("\n## ")[0]
    written = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    rows = re.findall(r"^\| (\d+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)

    assert [int(number) for number, _ in rows] == list(range(1, 27))
    assert {int(number) for number in re.findall(r"def test_ruling_(\d+)_", written)} <= set(range(1, 27))
    assert [number for number, tests in rows if "test_" not in tests] == []


def test_every_script_that_the_rules_name_exists() -> None:
    page = (ROOT / "docs" / "routing.md").read_text()

    for name in re.findall(r"lua/[a-z_/]+\.lua", page):
        assert (ROOT / "fairlead" / "store" / name).exists(), name
