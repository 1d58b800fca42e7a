"""How a command is written, whatever interrupts it."""

import subprocess
import sys

import pytest
import redis

from fairlead.server.packing import packed

STORM = """
import random, signal
from fairlead.server.packing import packed

class Interrupted(Exception): pass

def interrupt(*_):
    raise Interrupted

signal.signal(signal.SIGALRM, interrupt)
command = ("ZADD", "key", *(number + half for number in range(200) for half in (0, 0.5)))
interrupted = 0
while interrupted < 1_000:
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 1e-4))
        while True:
            packed(command)
    except Interrupted:
        interrupted += 1
print(interrupted)
"""


def test_a_signal_whose_handler_raises_does_not_crash_the_process() -> None:
    done = subprocess.run([sys.executable, "-X", "faulthandler", "-c", STORM], capture_output=True, text=True)

    assert (done.stdout, done.stderr, done.returncode) == ("1000\n", "", 0)


def test_words_are_written_with_their_lengths() -> None:
    assert packed(("SCRIPT LOAD", "é", b"\0", 12, 1.5)) == (
        b"*6\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$2\r\n\xc3\xa9\r\n$1\r\n\0\r\n$2\r\n12\r\n$3\r\n1.5\r\n"
    )


@pytest.mark.parametrize("word", [None, True, [1]])
def test_what_is_no_word_is_refused(word: object) -> None:
    with pytest.raises(redis.DataError):
        packed(("ECHO", word))
