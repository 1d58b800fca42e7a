"""What mkdocs does not do by itself: pages from outside of docs/, generated ones, and links that lead out of docs/."""

import posixpath
import re
from pathlib import Path
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from typer.cli import get_docs_for_click

from fairlead.cli.main import app

ROOT = Path(__file__).parent
OUTSIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Pages that stand at the top of the repository, and their names in the site."""

REFERENCE = """\
# Python reference

[From Python](python.md) and [Handlers](handlers.md) explain how these are used.

::: fairlead.Producer
::: fairlead.AsyncProducer
::: fairlead.new_contact
::: fairlead.NewContact
::: fairlead.Callback
::: fairlead.Step
::: fairlead.Receipt
::: fairlead.Contact
::: fairlead_worker.Worker
::: fairlead.testing.centre
::: fairlead.testing.Centre
::: fairlead_worker.testing.handle
::: fairlead_worker.testing.Handled
::: fairlead.errors
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not in docs/."""
    pages = {"commands.md": commands_page(), "reference.md": REFERENCE}
    pages |= {name: retargeted((ROOT / source).read_text(), source) for source, name in OUTSIDE.items()}
    for name, content in pages.items():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let the links of a page in docs/ lead to pages of the site."""
    source = f"docs/{page.file.src_uri}"
    return retargeted(markdown, source) if (ROOT / source).exists() else markdown


def commands_page() -> str:
    """Every command with its options, as the command itself tells them."""
    command = typer.main.get_command(app)
    return get_docs_for_click(obj=command, ctx=typer.Context(command), name="fairlead", title="Commands")


def retargeted(markdown: str, source: str) -> str:
    """The text of a file of the repository with its links as the site has them: all of its pages are in one folder.

    A file that is no page of the site is named instead of linked; a link that leads nowhere is left to mkdocs, which
    fails.
    """

    def replace(link: re.Match[str]) -> str:
        text, target, anchor = link.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path in OUTSIDE:
            return f"[{text}]({OUTSIDE[path]}{anchor})"
        if path.startswith("docs/"):
            return f"[{text}]({path.removeprefix('docs/')}{anchor})"
        return f"`{path}`" if (ROOT / path).exists() else link[0]

    return re.sub(r"\[([^\]]+)\]\((?![a-z]+:|#)([^)#\s]+)((?:#[^)\s]*)?)\)", replace, markdown)
