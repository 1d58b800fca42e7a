"""Whichever process of the demo is killed, its Redis included, all contacts are handled, each once."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import below, without_settings

ROOT = Path(__file__).parents[2]
WHAT = (r"^\S*-server ", r" -m fairlead\.server\.embedded ", r" work ")
"""The command lines of the server, of its keeper, and of a worker."""
KILLS = 9


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_each_contact_of_the_demo_is_handled_once_whichever_of_its_processes_are_killed(seed: int) -> None:
    drawn = random.Random(seed)
    with subprocess.Popen(
        [sys.executable, "examples/demo.py"], cwd=ROOT, env=without_settings(), stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        told = ""
        while "have signed in" not in told:
            told += demo.stdout.readline()
        for number in range(KILLS):
            time.sleep(drawn.uniform(0.5, 2))
            of = [process for process, command in below(demo.pid) if re.search(WHAT[number % 3], command)]
            if of:  # else it starts again just now
                os.kill(drawn.choice(of), signal.SIGKILL)
        told += demo.stdout.read()

    assert demo.returncode == 0, told
    assert re.search(r"160 of 160 contacts were handled, each once", told), told
    assert told.count("is started again") >= 1, told
