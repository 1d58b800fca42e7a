"""Links of a package that is built from a checkout: to where its git remote `origin` is, when that is public."""

import re
import subprocess
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PAGE = re.compile(r"(?:https://(?:[^@/]*@)?|git@)(?P<host>[\w.-]+)[/:](?P<path>[\w./-]+?)(?:\.git)?/?")


class Links(MetadataHookInterface):
    """Without a checkout, as in a package of sources, and without such a remote, there are none."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Adds the links."""
        asked = ["git", "-C", self.root, "config", "--get", "remote.origin.url"]
        is_checkout = (Path(self.root) / ".git").exists()
        origin = subprocess.run(asked, capture_output=True, text=True, check=False).stdout if is_checkout else ""
        if found := PAGE.fullmatch(origin.strip()):
            page = f"https://{found['host']}/{found['path']}"
            metadata["urls"] = {
                "Repository": page,
                "Issues": f"{page}/issues",
                "Changelog": f"{page}/blob/HEAD/CHANGELOG.md",
                "Documentation": f"{page}/tree/HEAD/docs",
            }
