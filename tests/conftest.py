"""What holds for every test."""

import os

import pytest
from hypothesis import settings

# A slow machine is no failure; a failing example prints the line that repeats it.
settings.register_profile("telmee", deadline=None, print_blob=True)
settings.load_profile("telmee")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat, just above the last line, which checks before pytest failed."""
    if failed := os.environ.get("TELMEE_FAILED_CHECKS"):
        terminalreporter.section("niet gelukt / failed before pytest", red=True)
        terminalreporter.write_line(failed)
