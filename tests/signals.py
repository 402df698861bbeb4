"""What a program takes over from whoever started it, about signals."""

from __future__ import annotations

import signal

#: Python itself ignores these from its start; a child gets them back as they were.
_PYTHON_IGNORES = {signal.SIGPIPE, getattr(signal, "SIGXFSZ", signal.SIGPIPE)}


def forget_what_was_inherited() -> None:
    """Let every signal do what it does in a program that was started in a terminal.

    `nohup`, a shell that runs something in the background, and some services start programs with
    signals ignored or held back, and every child takes that over. Tests send signals to children.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - _PYTHON_IGNORES:
        if signal.getsignal(number) == signal.SIG_IGN:
            normal = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, normal)
