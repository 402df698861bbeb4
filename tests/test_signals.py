"""The tests come out the same, whoever started them and how."""

import os
import signal
import subprocess
import sys

import pytest

from tests.signals import forget_what_was_inherited
from tests.tidy.project import ROOT

#: Becomes a program as `nohup` and a background job do it: ignored, and held back.
_BECOME = (
    "import os, signal, sys\n"
    "number = int(sys.argv[1])\n"
    "signal.signal(number, signal.SIG_IGN)\n"
    "signal.pthread_sigmask(signal.SIG_BLOCK, {number})\n"
    "os.execv(sys.executable, [sys.executable, '-c', sys.argv[2], sys.argv[1]])\n"
)
#: Starts a child that waits, and says how a signal ends it.
_SIGNAL_A_CHILD = (
    "import signal, subprocess, sys\n"
    "from tests.signals import forget_what_was_inherited\n"
    "{first}\n"
    "with subprocess.Popen(['sleep', '2']) as child:\n"
    "    child.send_signal(int(sys.argv[1]))\n"
    "    print(child.wait())\n"
)


def ends_with(number: signal.Signals, first: str) -> int:
    command = [
        sys.executable,
        "-c",
        _BECOME,
        str(number.value),
        _SIGNAL_A_CHILD.format(first=first),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_a_signal_that_was_ignored_or_held_back_works_again(number: signal.Signals) -> None:
    assert ends_with(number, "") == 0, "or this proves nothing"
    assert ends_with(number, forget_what_was_inherited.__name__ + "()") == -number


def test_here_it_was_done() -> None:
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()
    assert signal.getsignal(signal.SIGINT) not in {signal.SIG_IGN, None}
