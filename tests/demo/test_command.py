"""The command of the demonstration, as a process of its own."""

from __future__ import annotations

import subprocess
import sys


def test_it_begins_before_there_are_settings() -> None:
    command = [sys.executable, "-m", "telmee", "demo", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--scale" in done.stdout
