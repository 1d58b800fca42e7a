"""Single keys from a terminal, without waiting for Enter."""

import os
import re
import select
import sys
import termios
import time
import tty
from types import TracebackType
from typing import Any

_KEY = re.compile(r"\x1b\[[0-9;]*[A-Za-z~]|\x1b|.", re.DOTALL)

NAMED = {
    "\x1b[A": "up", "\x1b[B": "down", "\x1b[5~": "page up", "\x1b[6~": "page down", "\x1b[H": "home", "\x1b[F": "end",
    "\x1b": "escape", "\x7f": "backspace", "\b": "backspace", "\r": "enter", "\n": "enter",
}  # fmt: skip
"""What terminals send for a key that is no letter."""


class Keyboard:
    """The keys of standard input while the block lasts; none where standard input is not a terminal."""

    def __init__(self) -> None:
        self._terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._before: list[Any] = []

    def __enter__(self) -> "Keyboard":
        if self._terminal is not None:
            self._before = termios.tcgetattr(self._terminal)
            tty.setcbreak(self._terminal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._terminal is not None:
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def read(self, within_s: float) -> list[str]:
        """The keys that were pressed, as soon as there is one; none when there is none within that time."""
        if self._terminal is None:
            time.sleep(within_s)
            return []
        if not select.select([self._terminal], [], [], within_s)[0]:
            return []
        return keys_of(os.read(self._terminal, 1_024).decode(errors="ignore"))


def keys_of(sent: str) -> list[str]:
    """What a terminal has sent, key by key: a letter is itself, others have names."""
    pressed: list[str] = _KEY.findall(sent)
    return [NAMED.get(key, key) for key in pressed]
